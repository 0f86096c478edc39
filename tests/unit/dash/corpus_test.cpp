#include <algorithm>
#include <filesystem>
#include <set>

#include "sluice/dash/iso8601.hpp"
#include "support/catch.hpp"
#include "support/dash_listing.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

std::vector<std::string> corpus_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SLUICE_TEST_DIR "/corpus/dash")) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

dash::Mpd parsed(const std::string& name) {
  const auto mpd = dash::parse_mpd(corpus_mpd(name), Url::parse(corpus_url(name)).value());
  if (!mpd) throw std::runtime_error(name + ": " + mpd.error().context);
  return *mpd;
}

dash::Time at(const char* date) {
  return dash::parse_date_time(date).value();
}

/// Of the times below every MPD gets some, others than its neighbours: the oracle is slow.
constexpr std::size_t kStride = 13;

std::vector<dash::Time> times_of(const dash::Mpd& mpd, std::size_t number) {
  const dash::Time noon = at("2024-05-01T12:00:00Z");
  if (!mpd.dynamic) return {noon};
  std::vector<dash::Time> times;
  // Around the edges of segments, Periods and the window; exact, and a nanosecond beside.
  for (const std::int64_t milliseconds :
       {-10'000,     0,           1,           1'500,      3'999,     4'000,      6'002,
        7'000,       8'000,       10'000,      11'500,     12'003,    15'000,     16'000,
        29'999,      30'000,      34'000,      45'000,     46'000,    50'000,     59'500,
        60'000,      61'017,      75'000,      90'000,     100'000,   960'000,    961'000,
        3'236'000,   3'239'999,   3'240'000,   3'241'920,  3'300'000, 94'200'000, 95'000'000,
        172'800'000, 172'800'600, 173'400'000, 400'000'000}) {
    for (const int beside : {-1, 0, 1}) {
      times.push_back(noon + std::chrono::milliseconds(milliseconds) +
                      std::chrono::nanoseconds(beside));
    }
  }
  std::vector<dash::Time> some;
  for (auto i = number % kStride; i < times.size(); i += kStride) some.push_back(times[i]);
  return some;
}

}  // namespace

TEST_CASE("Segments are those that a slow and obvious reading of the MPD gives", "[dash][unit]") {
  const auto names = corpus_names();
  REQUIRE(names.size() >= 40);
  std::size_t segments = 0;
  std::size_t number = 0;
  for (const auto& name : names) {
    const auto text = corpus_mpd(name);
    const auto mpd = parsed(name);
    for (const auto now : times_of(mpd, number++)) {
      INFO(name << " at " << now.time_since_epoch().count() << " ns");
      const auto expected = list_mpd(text, corpus_url(name), now);
      const auto listed = list_by_room(mpd, now);
      REQUIRE(listed.size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO("Period " << i << ", Representation " << expected[i].representation_id);
        CHECK(listed[i].period == expected[i].period);
        CHECK(listed[i].representation_id == expected[i].representation_id);
        std::vector<std::string> is;
        std::vector<std::string> should_be;
        for (const auto& one : listed[i].segments) is.push_back(describe(one));
        for (const auto& one : expected[i].segments) should_be.push_back(describe(one));
        REQUIRE(is == should_be);
        segments += is.size();
      }
    }
  }
  CHECK(segments > 1000);  // the comparison was about something
}

TEST_CASE("Segments are those that were worked out by hand", "[dash][unit]") {
  struct Row {
    const char* why;
    const char* mpd;
    const char* now;
    const char* representation;
    std::size_t period;
    std::vector<std::string> segments;  ///< URLs behind the folder of the MPD
  };
  const char* const any = "2024-05-01T12:00:00Z";
  const Row rows[] = {
      {"numbers from 0, the last cut",
       "01_number_duration_static",
       any,
       "low",
       0,
       {"v/low/0.m4s - @0 +4 #0", "v/low/1.m4s - @4 +4 #1", "v/low/2.m4s - @8 +4 #2",
        "v/low/3.m4s - @12 +4 #3", "v/low/4.m4s - @16 +4 #4", "v/low/5.m4s - @20 +5/2 #5"}},
      {"times, the last one ending before the Period",
       "02_timeline_static",
       any,
       "a1",
       0,
       {"a-0.m4s - @0 +752/375 #1", "a-96256.m4s - @752/375 +752/375 #2",
        "a-192512.m4s - @1504/375 +752/375 #3", "a-288768.m4s - @752/125 +752/375 #4",
        "a-385024.m4s - @3008/375 +742/375 #5"}},
      {"r=-1 fills the Period",
       "03_repeat_to_period_end",
       any,
       "v",
       0,
       {"00001.m4s - @0 +2 #1", "00002.m4s - @2 +2 #2", "00003.m4s - @4 +2 #3",
        "00004.m4s - @6 +2 #4", "00005.m4s - @8 +2 #5", "00006.m4s - @10 +1 #6"}},
      {"r=-1 up to the next S, which overlaps the last repeat",
       "04_repeat_to_next_s",
       any,
       "v",
       0,
       {"7_0.m4s - @0 +2 #7", "8_20.m4s - @2 +2 #8", "9_40.m4s - @4 +2 #9", "10_60.m4s - @6 +2 #10",
        "11_80.m4s - @8 +2 #11", "12_90.m4s - @9 +3 #12", "13_120.m4s - @12 +3 #13",
        "14_150.m4s - @15 +5/2 #14", "15_175.m4s - @35/2 +5/2 #15"}},
      {"times past 2^63",
       "05_time_past_2_63",
       any,
       "v",
       0,
       {"Segment-11818377986060000000 - @0 +3 #1", "Segment-11818377986090000000 - @3 +3 #2",
        "Segment-11818377986120000000 - @6 +3 #3"}},
      {"the last time that has 64 bits",
       "06_time_at_2_64",
       any,
       "v",
       0,
       {"18446744073709551595.m4s - @0 +4 #1", "18446744073709551599.m4s - @4 +4 #2",
        "18446744073709551603.m4s - @8 +4 #3", "18446744073709551607.m4s - @12 +4 #4",
        "18446744073709551611.m4s - @16 +4 #5", "18446744073709551615.m4s - @20 +4 #6"}},
      {"each attribute from the innermost level that has it",
       "07_inheritance",
       any,
       "r3",
       0,
       {"own-3-005.m4s - @0 +8 #5", "own-3-006.m4s - @8 +4 #6"}},
      {"and from the Period alone",
       "07_inheritance",
       any,
       "r4",
       0,
       {"period-5.m4s - @0 +4 #5", "period-6.m4s - @4 +4 #6", "period-7.m4s - @8 +4 #7"}},
      {"base URLs of four levels",
       "08_base_urls_nested",
       any,
       "v1",
       0,
       {"https://cdn.example/live/cdn-a/period1/video/deep/v1/1.m4s?q=1&r=2 - @0 +2 #1",
        "https://cdn.example/live/cdn-a/period1/video/deep/v1/2.m4s?q=1&r=2 - @2 +2 #2"}},
      {"ranges of a list",
       "09_segment_list",
       any,
       "v",
       0,
       {"media/file.mp4 862-20000 @0 +4 #1", "media/second.mp4 - @4 +4 #2",
        "media/third.mp4 5- @8 +1 #3"}},
      {"a file with an index that is not known yet",
       "12_segment_base",
       any,
       "indexed",
       0,
       {"video.mp4 1150- @0 +1501/25 #1"}},
      {"the second Period begins where the first ends",
       "13_two_periods_static",
       any,
       "v",
       1,
       {"p2-0.m4s - @12 +5 #0", "p2-1.m4s - @17 +5 #1", "p2-2.m4s - @22 +5 #2",
        "p2-3.m4s - @27 +3 #3"}},
      {"a timeline that two Periods share, from the offset on",
       "15_offset_multi_period",
       any,
       "v",
       1,
       {"540540.m4s - @3003/500 +3003/1000 #3", "810810.m4s - @9009/1000 +3003/1000 #4",
        "1081080.m4s - @3003/250 +3003/1000 #5", "1351350.m4s - @3003/200 +197/200 #6"}},
      {"a gap, an overlap, and one that lasts no time",
       "16_gaps_and_overlaps",
       any,
       "v",
       0,
       {"1-500.m4s - @1/2 +2 #1", "2-2500.m4s - @5/2 +2 #2", "3-10000.m4s - @10 +3 #3",
        "4-12990.m4s - @1299/100 +3 #4", "6-20000.m4s - @20 +3/2 #6", "7-21500.m4s - @43/2 +3/2 #7",
        "8-23000.m4s - @23 +3/2 #8"}},
      {"parts of sequences",
       "19_segment_sequences",
       any,
       "v",
       0,
       {"1_01.m4s - @0 +133/100 #1.1", "1_02.m4s - @133/100 +133/100 #1.2",
        "1_03.m4s - @133/50 +67/50 #1.3", "2_01.m4s - @4 +133/100 #2.1",
        "2_02.m4s - @533/100 +133/100 #2.2", "2_03.m4s - @333/50 +67/50 #2.3",
        "3_01.m4s - @8 +4 #3"}},
      {"30 s back from 12:01:01, and nothing that is still being made",
       "25_live_number",
       "2024-05-01T12:01:01Z",
       "v",
       0,
       {"8.m4s - @28 +4 #8", "9.m4s - @32 +4 #9", "10.m4s - @36 +4 #10", "11.m4s - @40 +4 #11",
        "12.m4s - @44 +4 #12", "13.m4s - @48 +4 #13", "14.m4s - @52 +4 #14",
        "15.m4s - @56 +4 #15"}},
      {"a nanosecond before it is complete",
       "25_live_number",
       "2024-05-01T12:00:03.999999999Z",
       "v",
       0,
       {}},
      {"complete", "25_live_number", "2024-05-01T12:00:04Z", "v", 0, {"1.m4s - @0 +4 #1"}},
      {"3.75 s early",
       "29_live_early_available_offset",
       "2024-05-01T12:00:00.25Z",
       "v",
       0,
       {"x/1.m4s - @0 +4 #1"}},
      {"repeats up to now",
       "28_live_open_repeat",
       "2024-05-01T12:00:29Z",
       "v",
       0,
       {"1.m4s - @10 +2 #1", "2.m4s - @12 +2 #2", "3.m4s - @14 +2 #3", "4.m4s - @16 +2 #4",
        "5.m4s - @18 +2 #5", "6.m4s - @20 +5 #6"}},
      {"an early available Period has none",
       "33_live_early_available_period",
       "2024-05-01T12:01:00Z",
       "v",
       1,
       {}},
  };
  for (const Row& row : rows) {
    INFO(row.mpd << ": " << row.why);
    const auto mpd = parsed(row.mpd);
    const std::string folder = "https://cdn.example/live/" + std::string(row.mpd) + "/";
    std::vector<std::string> listed;
    for (const auto& track : list_by_room(mpd, at(row.now))) {
      if (track.period != row.period || track.representation_id != row.representation) continue;
      for (auto segment : track.segments) {
        if (segment.url.starts_with(folder)) segment.url.erase(0, folder.size());
        listed.push_back(describe(segment));
      }
    }
    CHECK(listed == row.segments);
  }
}
