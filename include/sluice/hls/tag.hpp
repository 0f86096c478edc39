#pragma once

#include <optional>
#include <string_view>

namespace sluice::hls {

/// A line's tag; both views point into the line.
struct Tag {
  std::string_view name;   ///< without '#': "EXT-X-KEY"
  std::string_view value;  ///< all after the ':', as it stands; empty without ':'
};

/// True for a line that is neither blank nor starts, after blanks, with '#'. RFC 8216, 4.1.
[[nodiscard]] bool is_uri_line(std::string_view line) noexcept;

/// The tag of a line that starts, after blanks, with "#EXT"; nullopt for comments, URIs and blank
/// lines. The name ends at ':' or a blank ("#EXTM3U x-tvg-url=..." is EXTM3U); blanks may stand
/// before the ':'. Names are case-sensitive. RFC 8216, 4.1.
[[nodiscard]] std::optional<Tag> parse_tag(std::string_view line) noexcept;

}  // namespace sluice::hls
