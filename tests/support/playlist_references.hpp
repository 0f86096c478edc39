#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// A second reader of playlists for the checker, sharing no code with the rooms hls and media.

/// The endpoint of the proxy that stands for a reference.
enum class Endpoint {
  by_url,  ///< playlist or segment, whichever the URL looks like
  by_url_among_segments,
  playlist,
  segment,
  map,  ///< a segment that is an mp4 unless its name says otherwise
  assets,
  steering,
};

/// Bytes of a line that a player takes for a URI.
struct Place {
  std::size_t start = 0;
  std::size_t size = 0;
  Endpoint endpoint = Endpoint::segment;
  bool in_master = false;  ///< in a tag that only a master playlist holds
  bool fetched = true;     ///< false: no business of a proxy (a DRM system's key)
};

/// A line's places from left to right; the byte order mark is no part of the first line.
/// `announced` is what the tags so far say of the next URI line, and is kept up to date.
[[nodiscard]] std::vector<Place> find_places(std::string_view line,
                                             std::optional<Endpoint>& announced);

/// What an EXT-X-DEFINE does. RFC 8216bis, 4.4.2.3.
struct Definition {
  enum class Kind { value, import, query_parameter };
  Kind kind = Kind::value;
  std::string name;
  std::string value;      ///< of Kind::value
  std::size_t start = 0;  ///< of the attribute in the line, name included
  std::size_t size = 0;
};
[[nodiscard]] std::optional<Definition> find_definition(std::string_view line);

/// The text with each {$name} replaced; nullopt when a name is not among `variables`.
[[nodiscard]] std::optional<std::string> substitute(
    std::string_view text, const std::map<std::string, std::string>& variables);

/// The lines of a text, each with its line break.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace sluice::test
