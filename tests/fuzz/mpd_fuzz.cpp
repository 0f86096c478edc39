#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/check.hpp"
#include "sluice/dash/iso8601.hpp"
#include "sluice/dash/segments.hpp"

using namespace sluice;
using namespace sluice::dash;
using sluice::fuzz::check;

namespace {

/// Looks at both ends of a list, which may be of any length.
void check_list(Segments& segments, const Period& period) {
  const std::uint64_t size = segments.size();
  for (std::uint64_t position = 0; position < size;) {
    const auto segment = segments.at(position);
    check(segment.has_value() || segment.error().code == Errc::bad_manifest, "errors are known");
    if (segment) {
      check(segment->timescale > 0, "there are ticks");
      check(!segment->resource.url.empty(), "there is something to fetch");
      check(segment->length <= Seconds::of(segment->duration, segment->timescale),
            "cutting does not lengthen");
      if (period.end && segment->duration > 0) {
        check(segment->start < Seconds::of(*period.end), "segments begin inside the Period");
        check(segment->start + segment->length <= Seconds::of(*period.end), "and end there");
      }
    }
    // The first and the last sixteen.
    position = position == 15 && size > 48 ? size - 16 : position + 1;
  }
}

void check_representation(const Mpd& mpd, const Period& period,
                          const Representation& representation) {
  check(representation.segments != nullptr, "there is always addressing");
  check(representation.base_urls && !representation.base_urls->empty(), "and a base");
  (void)initialization_of(representation);
  (void)index_of(representation, 1);
  std::uint64_t previous = 0;
  for (const char* date : {"1969-01-01T00:00:00Z", "2024-05-01T12:00:30.123456789Z",
                           "2024-05-02T00:00:00Z", "2262-01-01T00:00:00Z"}) {
    auto segments = Segments::list(mpd, period, representation, {*parse_date_time(date)});
    if (!segments) continue;
    check_list(*segments, period);
    if (!mpd.dynamic) check(previous == 0 || previous == segments->size(), "static stays");
    previous = segments->size();
  }
}

}  // namespace

/// Input: an MPD.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto mpd = parse_mpd(text, *Url::parse("https://cdn.example/live/m.mpd?q"));
  if (!mpd) {
    check(mpd.error().code == Errc::bad_manifest, "errors are known");
    return 0;
  }
  std::size_t seen = 0;
  for (const Period& period : mpd->periods) {
    check(!period.end || (period.start && *period.end >= *period.start), "Periods go forward");
    for (const auto& set : period.adaptation_sets) {
      for (const auto& representation : set.representations) {
        if (++seen <= 20) check_representation(*mpd, period, representation);
      }
    }
  }
  return 0;
}
