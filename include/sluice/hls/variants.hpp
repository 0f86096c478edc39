#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/core/error.hpp"

namespace sluice::hls {

/// Which variant of a master playlist is wanted.
struct VariantChoice {
  /// The tallest of at most this many lines; when all are taller, the least tall.
  std::optional<std::uint32_t> height;
  /// The tallest; does not count beside `height`.
  bool highest = false;

  [[nodiscard]] bool given() const noexcept { return height || highest; }
};

/// Reads "720p"; bad_request for anything else.
[[nodiscard]] Result<std::uint32_t> parse_height(std::string_view text);

/// A master playlist with only the chosen variant (EXT-X-STREAM-INF and its URI line); of several
/// of the same height the one with the highest BANDWIDTH. Where no variant tells its RESOLUTION,
/// the first stays. Everything that is no variant stays: renditions, I-frame playlists, session
/// data. Media playlists come back unchanged.
[[nodiscard]] std::string keep_variant(std::string_view playlist, const VariantChoice& choice);

}  // namespace sluice::hls
