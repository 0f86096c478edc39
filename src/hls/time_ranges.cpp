#include "sluice/hls/time_ranges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sluice/core/text.hpp"

namespace sluice::hls {
namespace {

constexpr double kLongest = 1e12;

Error bad_pair(std::string_view pair) {
  return client_error(Errc::bad_request,
                      fmt::format("parameter skip: \"{}\" is not START-END in seconds with START "
                                  "before END, as in 0-112,280-300.5",
                                  pair.substr(0, 40)));
}

}  // namespace

std::optional<double> parse_seconds(std::string_view text) noexcept {
  text = trim(text);
  if (text.empty() || text[0] < '.' || text[0] > '9' || text[0] == '/') return std::nullopt;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || stop != end || !(value >= 0 && value <= kLongest)) {
    return std::nullopt;
  }
  return value;
}

Result<TimeRanges> TimeRanges::parse(std::string_view text) {
  TimeRanges parsed;
  for (const auto part : split(text, ',')) {
    const auto pair = trim(part);
    if (pair.empty()) continue;
    const auto dash = pair.find('-');
    if (dash == pair.npos) return bad_pair(pair);
    const auto start = parse_seconds(pair.substr(0, dash));
    const auto end = parse_seconds(pair.substr(dash + 1));
    if (!start || !end || *end <= *start) return bad_pair(pair);
    parsed.ranges_.push_back({*start, *end});
  }
  parsed.merge();
  return parsed;
}

/// Puts them in order and joins those that overlap.
void TimeRanges::merge() {
  std::sort(ranges_.begin(), ranges_.end(),
            [](const Range& a, const Range& b) { return a.start < b.start; });
  std::vector<Range> merged;
  for (const auto& range : ranges_) {
    if (!merged.empty() && range.start < merged.back().end) {
      merged.back().end = std::max(merged.back().end, range.end);
    } else {
      merged.push_back(range);
    }
  }
  ranges_ = std::move(merged);
}

bool TimeRanges::overlap(double start, double end) const noexcept {
  // The first that ends behind the start.
  const auto found =
      std::upper_bound(ranges_.begin(), ranges_.end(), start,
                       [](double time, const Range& range) { return time < range.end; });
  return found != ranges_.end() && end > found->start;
}

}  // namespace sluice::hls
