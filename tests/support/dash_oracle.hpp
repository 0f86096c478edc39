#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// One segment as the oracle sees it; fractions are reduced, as "p/q" or "p".
struct OracleSegment {
  std::string url;
  std::string range;     ///< "a-b", "a-" or empty
  std::string start;     ///< seconds on the presentation's timeline
  std::string duration;  ///< seconds
  std::uint64_t number = 0;
  std::uint64_t sub_number = 0;
  friend bool operator==(const OracleSegment&, const OracleSegment&) = default;
};

struct OracleTrack {
  std::size_t period = 0;  ///< index among the Periods that are there
  std::string representation_id;
  std::vector<OracleSegment> segments;
};

/// A second implementation of which segments an MPD lists at `now`, without a segment index and
/// with the first base URL of each level. Slow and obvious: it walks the XML for every value, makes
/// every repeat one by one, and computes in fractions of any size. It shares no code with room
/// dash. Throws std::runtime_error for what it does not understand.
[[nodiscard]] std::vector<OracleTrack> list_mpd(
    std::string_view mpd, std::string_view url,
    std::chrono::sys_time<std::chrono::nanoseconds> now);

}  // namespace sluice::test
