#include "sluice/hls/tag.hpp"

#include "support/catch.hpp"

using namespace sluice::hls;

TEST_CASE("parse_tag separates name and value", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view line, name, value;
  };
  const Row rows[] = {
      {"without value", "#EXTM3U", "EXTM3U", ""},
      {"with value", "#EXTINF:9.009,Title: x", "EXTINF", "9.009,Title: x"},
      {"empty value", "#EXT-X-KEY:", "EXT-X-KEY", ""},
      {"value starts with a colon", "#EXT-X-A::b", "EXT-X-A", ":b"},
      {"blanks before the tag", " \t#EXT-X-ENDLIST", "EXT-X-ENDLIST", ""},
      {"blanks around the colon", "#EXT-X-KEY : METHOD=NONE", "EXT-X-KEY", " METHOD=NONE"},
      {"blank after the name", "#EXTM3U x-tvg-url=\"http://h/\"", "EXTM3U", ""},
      {"trailing blank", "#EXT-X-ENDLIST ", "EXT-X-ENDLIST", ""},
      {"nothing but the prefix", "#EXT", "EXT", ""},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const auto tag = parse_tag(row.line);
    REQUIRE(tag);
    CHECK(tag->name == row.name);
    CHECK(tag->value == row.value);
  }
}

TEST_CASE("parse_tag and is_uri_line tell the kinds of lines apart", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view line;
    bool tag, uri;
  };
  const Row rows[] = {
      {"blank", "", false, false},
      {"blanks", " \t", false, false},
      {"comment", "# EXTINF:1", false, false},
      {"comment in lower case", "#extinf:1", false, false},
      {"hash", "#", false, false},
      {"tag", "#EXTINF:1", true, false},
      {"URI", "seg.ts", false, true},
      {"URI after blanks", "  seg.ts", false, true},
      {"URI with a fragment", "a#EXT", false, true},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(parse_tag(row.line).has_value() == row.tag);
    CHECK(is_uri_line(row.line) == row.uri);
  }
}
