#include "sluice/hls/start.hpp"

#include "support/catch.hpp"

using namespace sluice::hls;

TEST_CASE("with_start puts EXT-X-START behind the first line", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view playlist;
    std::string_view want;
  };
  const Row rows[] = {
      {"plain", "#EXTM3U\n#EXTINF:1,\na\n",
       "#EXTM3U\n#EXT-X-START:TIME-OFFSET=-30.0,PRECISE=YES\n#EXTINF:1,\na\n"},
      {"in place of another", "#EXTM3U\n#EXT-X-START:TIME-OFFSET=1\n#EXTINF:1,\na\n",
       "#EXTM3U\n#EXT-X-START:TIME-OFFSET=-30.0,PRECISE=YES\n#EXTINF:1,\na\n"},
      {"line endings, byte order mark", "\xef\xbb\xbf#EXTM3U x=1\r\n#EXTINF:1,\r\na",
       "\xef\xbb\xbf#EXTM3U x=1\r\n#EXT-X-START:TIME-OFFSET=-30.0,PRECISE=YES\r\n"
       "#EXTINF:1,\r\na"},
      {"master", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n",
       "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(with_start(row.playlist, -30) == row.want);
  }
}

TEST_CASE("takes_live_start is for live streams with room for it", "[hls][unit]") {
  const std::string live = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:5\n#EXTINF:10,\na\n#EXTINF:10,\nb\n";
  struct Row {
    const char* why;
    std::string playlist;
    bool want;
  };
  const Row rows[] = {
      {"live", live, true},
      {"never moved on", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\na\n#EXTINF:10,\nb\n",
       false},
      {"no number", "#EXTM3U\n#EXTINF:10,\na\n#EXTINF:10,\nb\n", false},
      {"ended", live + "#EXT-X-ENDLIST\n", false},
      {"event", live + "#EXT-X-PLAYLIST-TYPE:EVENT\n", false},
      {"says it itself", live + "#EXT-X-START:TIME-OFFSET=-5\n", false},
      {"low latency", live + "#EXT-X-PART-INF:PART-TARGET=0.3\n", false},
      {"short window", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:5\n#EXTINF:10,\na\n", false},
      {"master", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", false},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(takes_live_start(row.playlist, -18) == row.want);
  }
}

TEST_CASE("parse_offset reads seconds with a sign", "[hls][unit]") {
  CHECK(parse_offset("-18") == -18.0);
  CHECK(parse_offset(" +2.5 ") == 2.5);
  for (const char* text : {"", "-", "x", "1s", "1e5", "nan", "-inf", "99999999999"}) {
    INFO(text);
    CHECK(parse_offset(text) == std::nullopt);
  }
}
