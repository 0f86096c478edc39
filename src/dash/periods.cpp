#include <algorithm>

#include "mpd_reader.hpp"

namespace sluice::dash {
namespace {

std::optional<Duration> sum(std::optional<Duration> a, std::optional<Duration> b) noexcept {
  if (!a || !b) return std::nullopt;
  return *a > kForever - *b ? kForever : *a + *b;
}

}  // namespace

void infer_period_times(Mpd& mpd) noexcept {
  std::optional<Duration> previous_end;
  for (Period& period : mpd.periods) {
    period.start = period.start_attribute ? period.start_attribute : previous_end;
    // In a live presentation this would be an early available Period; that it is the first one
    // makes it sure that the packager only left out what goes without saying.
    if (!period.start && &period == &mpd.periods.front()) period.start = Duration(0);
    previous_end = sum(period.start, period.duration);
  }
  // Written by packagers that do not know it yet.
  const auto unknown = mpd.media_presentation_duration == Duration(0);
  const auto presentation_end = unknown ? std::nullopt : mpd.media_presentation_duration;
  std::optional<Duration> next_start;
  for (auto period = mpd.periods.rbegin(); period != mpd.periods.rend(); ++period) {
    if (!period->start) continue;
    period->end = sum(period->start, period->duration);
    const auto& limit = next_start ? next_start : presentation_end;
    if (limit && (!period->end || *limit < *period->end)) period->end = limit;
    if (period->end) period->end = std::max(*period->end, *period->start);
    next_start = period->start;
  }
}

}  // namespace sluice::dash
