#include "sluice/hls/lines.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace sluice::hls;

namespace {

using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

Lines lines_of(std::string_view playlist) {
  Lines lines;
  LineReader reader(playlist);
  while (const auto line = reader.next()) lines.emplace_back(line->text, line->ending);
  return lines;
}

}  // namespace

TEST_CASE("LineReader splits texts from endings", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view playlist;
    Lines lines;
  };
  const Row rows[] = {
      {"empty", "", {}},
      {"LF", "a\nb\n", {{"a", "\n"}, {"b", "\n"}}},
      {"CR LF", "a\r\nb\r\n", {{"a", "\r\n"}, {"b", "\r\n"}}},
      {"mixed", "a\nb\r\nc", {{"a", "\n"}, {"b", "\r\n"}, {"c", ""}}},
      {"last line without ending", "a", {{"a", ""}}},
      {"last line with CR only", "a\r", {{"a", "\r"}}},
      {"blank lines", "\n\r\n\n", {{"", "\n"}, {"", "\r\n"}, {"", "\n"}}},
      {"CR twice", "a\r\r\n", {{"a", "\r\r\n"}}},
      {"CR inside", "a\rb\n", {{"a\rb", "\n"}}},
      {"blanks are text", " a \n", {{" a ", "\n"}}},
      {"NUL", std::string_view("a\0b\n", 4), {{std::string_view("a\0b", 3), "\n"}}},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(lines_of(row.playlist) == row.lines);
  }
}

TEST_CASE("skip_byte_order_mark skips one whole mark", "[hls][unit]") {
  CHECK(skip_byte_order_mark("\xef\xbb\xbf#EXTM3U") == "#EXTM3U");
  CHECK(skip_byte_order_mark("\xef\xbb\xbf\xef\xbb\xbf") == "\xef\xbb\xbf");
  CHECK(skip_byte_order_mark("\xef\xbb") == "\xef\xbb");
  CHECK(skip_byte_order_mark("#EXTM3U") == "#EXTM3U");
  CHECK(skip_byte_order_mark("").empty());
}
