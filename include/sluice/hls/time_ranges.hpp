#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sluice/core/error.hpp"

namespace sluice::hls {

/// Ranges of a presentation's time, in seconds from its beginning.
class TimeRanges {
 public:
  /// Reads "0-112,280-300.5": START-END pairs, blanks around them and empty ones ignored, decimals
  /// allowed. bad_request naming the pair when END is not greater than START or a number is
  /// malformed.
  [[nodiscard]] static Result<TimeRanges> parse(std::string_view text);

  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  /// True when [start, end) and one of the ranges have more than a point in common.
  [[nodiscard]] bool overlap(double start, double end) const noexcept;

 private:
  void merge();

  struct Range {
    double start;
    double end;
  };
  std::vector<Range> ranges_;  ///< in their order, without overlaps
};

/// A decimal number without sign, as durations in playlists are; leading and trailing blanks are
/// allowed. nullopt for anything else, or more than 10^12.
[[nodiscard]] std::optional<double> parse_seconds(std::string_view text) noexcept;

}  // namespace sluice::hls
