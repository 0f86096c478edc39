#include "sluice/hls/variants.hpp"

#include "support/catch.hpp"

using namespace sluice::hls;

namespace {

constexpr std::string_view kMaster =
    "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",URI=\"a.m3u8\"\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360\n360.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=3,RESOLUTION=1920x1080\n\n# between\n1080.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=4,RESOLUTION=1920x1080\n1080-high.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=9\naudio.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=1280x720\n720.m3u8\n"
    "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8\"\n";

/// The URI lines left, one after the other.
std::string left(std::string_view playlist, const VariantChoice& choice) {
  std::string out;
  const auto kept = keep_variant(playlist, choice);
  for (std::size_t at = 0; at < kept.size();) {
    const auto end = kept.find('\n', at);
    if (end > at && kept[at] != '#') out.append(kept, at, end - at).append(" ");
    at = end + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("keep_variant keeps the one that was asked for", "[hls][unit]") {
  struct Row {
    const char* why;
    VariantChoice choice;
    std::string_view want;
  };
  const Row rows[] = {
      {"exactly", {720, false}, "720.m3u8 "},
      {"the next below", {800, false}, "720.m3u8 "},
      {"all are taller", {144, false}, "360.m3u8 "},
      {"more than there is; the best of equals", {4320, false}, "1080-high.m3u8 "},
      {"the tallest", {std::nullopt, true}, "1080-high.m3u8 "},
      {"a height counts more than the tallest", {360, true}, "360.m3u8 "},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(left(kMaster, row.choice) == row.want);
  }
  CHECK(keep_variant(kMaster, {}) == kMaster);
}

TEST_CASE("keep_variant leaves everything that is no variant", "[hls][unit]") {
  CHECK(keep_variant(kMaster, {360, false}) ==
        "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",URI=\"a.m3u8\"\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360\n360.m3u8\n"
        "\n# between\n"
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8\"\n");
  const std::string_view media = "#EXTM3U\n#EXTINF:1,\na.ts\n#EXTINF:1,\nb.ts\n";
  CHECK(keep_variant(media, {720, false}) == media);
  CHECK(left("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb\n",
             {720, true}) == "a ");
}

TEST_CASE("parse_height takes a number of lines", "[hls][unit]") {
  CHECK(parse_height("720p").value() == 720);
  CHECK(parse_height(" 1080P ").value() == 1080);
  for (const char* text : {"", "p", "720", "0p", "-1p", "720pp", "99999999999p", "HD"}) {
    INFO(text);
    CHECK_FALSE(parse_height(text).has_value());
  }
}
