#include "sluice/hls/skip.hpp"

#include <fmt/format.h>

#include "support/catch.hpp"

using namespace sluice::hls;

namespace {

std::string cut(std::string_view playlist, std::string_view ranges) {
  return remove_time_ranges(playlist, TimeRanges::parse(ranges).value(), 100'000).value();
}

constexpr std::string_view kPlain =
    "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n0.ts\n#EXTINF:10,\n1.ts\n#EXTINF:10,\n2.ts\n"
    "#EXTINF:10,\n3.ts\n#EXT-X-ENDLIST\n";

std::string plain(std::string_view segments) {
  return "#EXTM3U\n#EXT-X-TARGETDURATION:10\n" + std::string(segments) + "#EXT-X-ENDLIST\n";
}

}  // namespace

TEST_CASE("remove_time_ranges removes what overlaps", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view ranges;
    std::string want;
  };
  const std::string d = "#EXT-X-DISCONTINUITY\n";
  const std::string s0 = "#EXTINF:10,\n0.ts\n", s1 = "#EXTINF:10,\n1.ts\n";
  const std::string s2 = "#EXTINF:10,\n2.ts\n", s3 = "#EXTINF:10,\n3.ts\n";
  const Row rows[] = {
      {"nothing", "", std::string(kPlain)},
      {"a part of two", "5-15", plain(d + s2 + s3)},
      {"touching borders do not count", "10-20", plain(s0 + d + s2 + s3)},
      {"the first", "0-10", plain(d + s1 + s2 + s3)},
      {"the last", "30-40", plain(s0 + s1 + s2)},
      {"all", "0-100", plain("")},
      {"behind the end", "40-50", std::string(kPlain)},
      {"two ranges", "0-10,20-30", plain(d + s1 + d + s3)},
      {"fractions", "9.5-9.75", plain(d + s1 + s2 + s3)},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(cut(kPlain, row.ranges) == row.want);
  }
}

TEST_CASE("remove_time_ranges leaves playlists whose time it does not know", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string playlist;
    bool changed;
  };
  const std::string segments = "#EXTINF:10,\n0.ts\n#EXTINF:10,\n1.ts\n";
  const Row rows[] = {
      {"live", "#EXTM3U\n" + segments, false},
      {"event", "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n" + segments, true},
      {"on demand, its end not there yet", "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\n" + segments, true},
      {"delta update",
       "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n" + segments, false},
      {"master", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-ENDLIST\n", false},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK((cut(row.playlist, "0-5") != row.playlist) == row.changed);
  }
}

TEST_CASE("remove_time_ranges carries on what the rest needs", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view playlist;
    std::string_view ranges;
    std::string_view want;
  };
  const Row rows[] = {
      {"a key and a map that went with the first segment",
       "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:4,\na\n"
       "#EXTINF:4,\nb\n#EXT-X-ENDLIST\n",
       "0-4",
       "#EXTM3U\n#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n"
       "#EXT-X-MAP:URI=\"i\"\n#EXTINF:4,\nb\n#EXT-X-ENDLIST\n"},
      {"the last of several keys",
       "#EXTM3U\n#EXTINF:4,\na\n#EXT-X-KEY:METHOD=AES-128,URI=\"k1\",IV=0x1\n#EXTINF:4,\nb\n"
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\",IV=0x2\n#EXTINF:4,\nc\n#EXTINF:4,\nd\n"
       "#EXT-X-ENDLIST\n",
       "4-12",
       "#EXTM3U\n#EXTINF:4,\na\n#EXT-X-DISCONTINUITY\n"
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\",IV=0x2\n#EXTINF:4,\nd\n#EXT-X-ENDLIST\n"},
      {"the end of encryption",
       "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXTINF:4,\na\n"
       "#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\nb\n#EXTINF:4,\nc\n#EXT-X-ENDLIST\n",
       "4-8",
       "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXTINF:4,\na\n"
       "#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\nc\n#EXT-X-ENDLIST\n"},
      {"a map in the clear, before its key",
       "#EXTM3U\n#EXT-X-MAP:URI=\"i\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXTINF:4,\na\n"
       "#EXTINF:4,\nb\n#EXT-X-ENDLIST\n",
       "0-4",
       "#EXTM3U\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"i\"\n"
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXTINF:4,\nb\n#EXT-X-ENDLIST\n"},
      {"initialization vectors that followed from the numbers",
       "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:4,\na\n"
       "#EXTINF:4,\nb\n#EXTINF:4,\nc\n#EXTINF:4,\nd\n#EXT-X-ENDLIST\n",
       "4-8",
       "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:4,\na\n"
       "#EXT-X-DISCONTINUITY\n"
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x00000000000000000000000000000009\n#EXTINF:4,\nc\n"
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x0000000000000000000000000000000a\n#EXTINF:4,\nd\n"
       "#EXT-X-ENDLIST\n"},
      {"the offset of a byte range that followed from another",
       "#EXTM3U\n#EXT-X-BYTERANGE:100@50\n#EXTINF:4,\na\n#EXT-X-BYTERANGE:20\n#EXTINF:4,\na\n"
       "#EXT-X-BYTERANGE:30\n#EXTINF:4,\na\n#EXT-X-BYTERANGE:40\n#EXTINF:4,\na\n#EXT-X-ENDLIST\n",
       "4-8",
       "#EXTM3U\n#EXT-X-BYTERANGE:100@50\n#EXTINF:4,\na\n#EXT-X-DISCONTINUITY\n"
       "#EXT-X-BYTERANGE:30@170\n#EXTINF:4,\na\n#EXT-X-BYTERANGE:40\n#EXTINF:4,\na\n"
       "#EXT-X-ENDLIST\n"},
      {"a discontinuity that is there already",
       "#EXTM3U\n#EXTINF:4,\na\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nb\n#EXT-X-ENDLIST\n", "0-4",
       "#EXTM3U\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nb\n#EXT-X-ENDLIST\n"},
      {"tags of removed segments go, those of the playlist stay",
       "#EXTM3U\n#EXTINF:4,\na\n#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n#EXT-X-CUE-OUT\n"
       "# comment\n#EXT-X-DATERANGE:ID=\"x\"\n#EXTINF:4,\nb\n#EXTINF:4,\nc\n#EXT-X-ENDLIST\n",
       "4-8",
       "#EXTM3U\n#EXTINF:4,\na\n#EXT-X-DATERANGE:ID=\"x\"\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nc\n"
       "#EXT-X-ENDLIST\n"},
      {"line endings and byte order mark",
       "\xef\xbb\xbf#EXTM3U\r\n#EXTINF:4,\r\na\r\n#EXTINF:4,\r\nb\r\n#EXT-X-ENDLIST", "0-4",
       "\xef\xbb\xbf#EXTM3U\r\n#EXT-X-DISCONTINUITY\r\n#EXTINF:4,\r\nb\r\n#EXT-X-ENDLIST"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(cut(row.playlist, row.ranges) == row.want);
  }
}

TEST_CASE("remove_time_ranges bounds what it writes out", "[hls][unit]") {
  std::string playlist = "#EXTM3U\n";
  for (int i = 0; i < 100; ++i) {
    playlist += fmt::format("#EXT-X-KEY:METHOD=SAMPLE-AES,KEYFORMAT=\"f{}\",URI=\"data:,{}\"\n", i,
                            std::string(1000, 'x'));
  }
  playlist += "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n";
  for (int i = 0; i < 1000; ++i) playlist += "#EXTINF:1,\ns\n";
  playlist += "#EXT-X-ENDLIST\n";
  const auto ranges = TimeRanges::parse("0-1").value();
  const auto out = remove_time_ranges(playlist, ranges, 1'000'000);
  REQUIRE(out.has_value());
  CHECK(out->size() < 2 * playlist.size());
  CHECK(remove_time_ranges(playlist, ranges, 10'000).error().code == sluice::Errc::body_too_large);
}

TEST_CASE("TimeRanges are in order, and found", "[hls][unit]") {
  const auto ranges = TimeRanges::parse("20-30,0-5,4-10,29-31,40-41").value();
  struct Row {
    double start, end;
    bool want;
  };
  for (const auto& row : {Row{0, 1, true}, Row{9, 12, true}, Row{10, 20, false}, Row{30, 31, true},
                          Row{31, 40, false}, Row{5, 100, true}, Row{41, 50, false}}) {
    CAPTURE(row.start, row.end);
    CHECK(ranges.overlap(row.start, row.end) == row.want);
  }
}

TEST_CASE("TimeRanges are read or refused", "[hls][unit]") {
  for (const char* text : {"", " , ,", "0-112,280-300", " 0 - 1.5 ,2-3", "0-1e0x"}) {
    INFO(text);
    CHECK(TimeRanges::parse(text).has_value() == (std::string_view(text) != "0-1e0x"));
  }
  for (const char* text : {"5", "5-", "-5", "5-5", "6-5", "a-b", "-1-5", "1-2-3", "1-inf", "1-nan",
                           "0-0x10", "1-2;3-4"}) {
    INFO(text);
    const auto parsed = TimeRanges::parse(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == sluice::Errc::bad_request);
  }
}
