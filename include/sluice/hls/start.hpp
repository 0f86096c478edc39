#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::hls {

/// A media playlist in which playback begins at `offset`, in seconds from the beginning or, when
/// negative, from the end: its first line is followed by EXT-X-START with PRECISE=YES, in place of
/// one it had. Master playlists come back unchanged. RFC 8216, 4.3.5.2.
[[nodiscard]] std::string with_start(std::string_view playlist, double offset);

/// True for a live playlist that leaves the choice to us and has room for it: no EXT-X-ENDLIST, no
/// EXT-X-PLAYLIST-TYPE, EXT-X-MEDIA-SEQUENCE above 0, no EXT-X-START, no low-latency parts, and
/// more than `offset` seconds (without its sign) listed.
[[nodiscard]] bool takes_live_start(std::string_view playlist, double offset) noexcept;

/// Reads a start_offset; nullopt when it is no number between -10^9 and 10^9.
[[nodiscard]] std::optional<double> parse_offset(std::string_view text) noexcept;

}  // namespace sluice::hls
