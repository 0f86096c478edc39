#include <fmt/format.h>

#include <map>
#include <random>

#include "sluice/dash/iso8601.hpp"
#include "sluice/dash/segments.hpp"
#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::dash;

namespace {

constexpr std::int64_t kTimescale = 90'000;
constexpr const char* kStart = "2024-05-01T12:00:00Z";

/// A packager with segments of uneven durations, and the MPD that it publishes at a time.
struct Packager {
  struct Made {
    std::int64_t start, duration;
  };
  std::vector<Made> made;

  explicit Packager(std::uint32_t seed) {
    std::mt19937 random(seed);
    std::int64_t start = 0;
    for (int i = 0; i < 400; ++i) {
      const auto duration = static_cast<std::int64_t>(150'000 + random() % 60'001);
      made.push_back({start, duration});
      start += duration;
    }
  }

  /// Segments that ended at most 40 s before `ticks`, and those that will end within 5 s.
  [[nodiscard]] std::string mpd(std::int64_t ticks, bool advances_start_number) const {
    std::string entries;
    std::size_t first = made.size();
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto end = made[i].start + made[i].duration;
      if (end <= ticks - 40 * kTimescale || end > ticks + 5 * kTimescale) continue;
      first = std::min(first, i);
      entries += fmt::format("<S t=\"{}\" d=\"{}\"/>", made[i].start, made[i].duration);
    }
    return fmt::format(
        "<MPD type=\"dynamic\" availabilityStartTime=\"{}\" timeShiftBufferDepth=\"PT30S\"><Period "
        "start=\"PT0S\"><AdaptationSet><SegmentTemplate timescale=\"{}\" startNumber=\"{}\" "
        "media=\"$Time$.m4s\"><SegmentTimeline>{}</SegmentTimeline></SegmentTemplate>"
        "<Representation id=\"v\" bandwidth=\"1\"/></AdaptationSet></Period></MPD>",
        kStart, kTimescale, advances_start_number ? first : 0, entries);
  }
};

}  // namespace

TEST_CASE("A hundred refreshes lose no segment and name none too early", "[dash][unit]") {
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    const Packager packager(seed);
    std::mt19937 random(seed + 100);
    std::map<std::uint64_t, std::uint64_t> numbers;  // time -> number
    std::int64_t milliseconds = 1'000;
    std::uint64_t last_first = 0;
    std::uint64_t last_end = 0;
    for (int refresh = 0; refresh < 100; ++refresh) {
      milliseconds += 500 + static_cast<std::int64_t>(random() % 4'000);
      const std::int64_t ticks = milliseconds * kTimescale / 1'000;
      const Time now = parse_date_time(kStart).value() + std::chrono::milliseconds(milliseconds);
      const auto mpd =
          parse_mpd(packager.mpd(ticks, true), Url::parse("http://h/").value()).value();
      const auto& period = mpd.periods[0];
      auto segments =
          Segments::list(mpd, period, period.adaptation_sets[0].representations[0], {now}).value();
      const auto all = segments.all().value();
      INFO("seed " << seed << ", refresh " << refresh);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto end = all[i].time + all[i].duration;
        CHECK(static_cast<std::int64_t>(end) <= ticks);
        CHECK(static_cast<std::int64_t>(end) > ticks - 30 * kTimescale);
        if (i > 0) CHECK(all[i].number == all[i - 1].number + 1);
        if (i > 0) CHECK(all[i].time == all[i - 1].time + all[i - 1].duration);
        const auto [known, is_new] = numbers.emplace(all[i].time, all[i].number);
        CHECK(known->second == all[i].number);
      }
      if (all.empty()) continue;
      CHECK(all.front().time >= last_first);
      CHECK(all.back().time + all.back().duration >= last_end);
      last_first = all.front().time;
      last_end = all.back().time + all.back().duration;
    }
    // Every segment that was complete by the last refresh was listed at some time.
    std::size_t complete = 0;
    for (const auto& made : packager.made) {
      if (static_cast<std::uint64_t>(made.start + made.duration) > last_end) break;
      CHECK(numbers.count(static_cast<std::uint64_t>(made.start)) == 1);
      ++complete;
    }
    CHECK(numbers.size() == complete);
    CHECK(complete > 50);
  }
}
