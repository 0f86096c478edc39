#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::test {

/// What the checker of playlists demands and the rewriter does not do yet; playlists with it are
/// left out.
inline constexpr std::array<std::string_view, 5> kNotYetRewritten = {
    "EXT-X-DEFINE", "EXT-X-CONTENT-STEERING", "X-ASSET-", "EXT-X-PREFETCH",
    "EXT-X-TWITCH-PREFETCH"};

[[nodiscard]] inline bool is_not_yet_rewritten(std::string_view playlist) {
  return std::any_of(kNotYetRewritten.begin(), kNotYetRewritten.end(),
                     [&](std::string_view text) { return playlist.find(text) != playlist.npos; });
}

}  // namespace sluice::test
