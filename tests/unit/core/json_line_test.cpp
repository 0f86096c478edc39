#include "core/json_line.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice::log;

TEST_CASE("JSON strings hold any bytes", "[core][unit]") {
  struct Row {
    const char* why;
    std::string text;
    std::string want;
  };
  const Row rows[] = {
      {"empty", "", R"("")"},
      {"plain", "a b/c", R"("a b/c")"},
      {"quote and backslash", R"(a"b\c)", R"("a\"b\\c")"},
      {"escapes with a letter", "\n\r\t", R"("\n\r\t")"},
      {"other controls", std::string("\0\x1b\x7f", 3), R"("\u0000\u001b\u007f")"},
      {"C1 controls", "\xc2\x80\xc2\x9b\xc2\x9f", R"("\u0080\u009b\u009f")"},
      {"first printable one behind them", "\xc2\xa0", "\"\xc2\xa0\""},
      {"two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xac",
       "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xac\""},
      {"lone continuation byte", "a\x80z", "\"a\xef\xbf\xbdz\""},
      {"broken off at the end", "a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
      {"lone lead byte before a quote", "\xc2\"", "\"\xef\xbf\xbd\\\"\""},
      {"overlong", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
      {"surrogate", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
      {"beyond Unicode", "\xf5\x80\x80\x80",
       "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    std::string out;
    append_json_string(out, row.text);
    CHECK(out == row.want);
  }
}

TEST_CASE("JSON lines have time, level, message and fields in order", "[core][unit]") {
  using namespace std::chrono;
  const auto at = [](milliseconds since_1970) {
    return system_clock::time_point(duration_cast<system_clock::duration>(since_1970));
  };
  const Field fields[] = {{"text", "a\"b"}, {"number", UINT64_MAX}, {"fraction", 0.12345}};
  CHECK(json_line(at(1'700'000'000'007ms), Level::error, "m", fields) ==
        R"({"time":"2023-11-14T22:13:20.007Z","level":"error","message":"m","text":"a\"b",)"
        R"("number":18446744073709551615,"fraction":0.123})");
  CHECK(json_line(at(999ms), Level::info, "", {}) ==
        R"({"time":"1970-01-01T00:00:00.999Z","level":"info","message":""})");
}
