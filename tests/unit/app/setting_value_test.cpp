#include "sluice/app/setting_value.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using namespace std::chrono_literals;

namespace sluice::app {
namespace {

TEST_CASE("parse_duration reads numbers with and without units", "[app][unit]") {
  struct Row {
    const char* why;
    const char* text;
    std::optional<std::chrono::milliseconds> want;
  };
  const Row rows[] = {
      {"no unit means seconds", "10", 10s},
      {"a fraction of a second", "0.5", 500ms},
      {"milliseconds", "500ms", 500ms},
      {"seconds", "10s", 10s},
      {"minutes", "2min", 2min},
      {"hours", "3h", 3h},
      {"days", "1d", 24h},
      {"a space before the unit", "2 min", 2min},
      {"spaces around", "  7s ", 7s},
      {"a fraction with a unit", "1.5min", 90s},
      {"rounded to milliseconds", "0.0014", 1ms},
      {"zero", "0", 0ms},
      {"no number", "s", std::nullopt},
      {"nothing", "", std::nullopt},
      {"only a point", ".", std::nullopt},
      {"two points", "1.2.3s", std::nullopt},
      {"a sign", "-1s", std::nullopt},
      {"an exponent", "1e3", std::nullopt},
      {"infinity", "inf", std::nullopt},
      {"an unknown unit", "5m", std::nullopt},
      {"a unit in capitals", "5S", std::nullopt},
      {"two values", "1min 30s", std::nullopt},
      {"longer than any time", "99999999999999999999999h", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why, row.text);
    CHECK(parse_duration(row.text) == row.want);
  }
}

TEST_CASE("to_milliseconds refuses what is no length of time", "[app][unit]") {
  CHECK(to_milliseconds(0.25) == 250ms);
  CHECK(to_milliseconds(-0.001) == std::nullopt);
  CHECK(to_milliseconds(std::nan("")) == std::nullopt);
  CHECK(to_milliseconds(std::numeric_limits<double>::infinity()) == std::nullopt);
  CHECK(to_milliseconds(1e300) == std::nullopt);
}

TEST_CASE("parse_size reads bytes and binary units", "[app][unit]") {
  struct Row {
    const char* why;
    const char* text;
    std::optional<std::uint64_t> want;
  };
  const Row rows[] = {
      {"no unit means bytes", "65536", 65536},
      {"bytes", "12 B", 12},
      {"KiB with a space", "64 KiB", 65536},
      {"MiB without a space", "16MiB", 16u << 20},
      {"GiB", "1GiB", 1u << 30},
      {"the largest number", "18446744073709551615", 18446744073709551615u},
      {"one more", "18446744073709551616", std::nullopt},
      {"too large only with its unit", "18014398509481984 KiB", std::nullopt},
      {"a decimal unit, whose meaning differs", "64 KB", std::nullopt},
      {"a fraction", "1.5 MiB", std::nullopt},
      {"a sign", "-1", std::nullopt},
      {"only a unit", "KiB", std::nullopt},
      {"nothing", "", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why, row.text);
    CHECK(parse_size(row.text) == row.want);
  }
}

TEST_CASE("format_duration uses the largest unit that is exact", "[app][unit]") {
  CHECK(format_duration(0ms) == "0s");
  CHECK(format_duration(1ms) == "1ms");
  CHECK(format_duration(1500ms) == "1500ms");
  CHECK(format_duration(75s) == "75s");
  CHECK(format_duration(60s) == "1min");
  CHECK(format_duration(24h) == "1d");
  for (const auto length : {0ms, 1ms, 999ms, 1001ms, 59'999ms, 86'400'000ms, 86'399'999ms}) {
    CAPTURE(length.count());
    CHECK(parse_duration(format_duration(length)) == length);
  }
}

TEST_CASE("format_size uses the largest unit that is exact", "[app][unit]") {
  CHECK(format_size(0) == "0 B");
  CHECK(format_size(1000) == "1000 B");
  CHECK(format_size(65536) == "64 KiB");
  CHECK(format_size(3u << 30) == "3 GiB");
  for (const std::uint64_t bytes : {0ull, 1ull, 1023ull, 1025ull, 1ull << 20, ~0ull}) {
    CAPTURE(bytes);
    CHECK(parse_size(format_size(bytes)) == bytes);
  }
}

TEST_CASE("describe shows a value on one line", "[app][unit]") {
  struct Row {
    const char* why;
    RawValue value;
    std::string want;
  };
  const Row rows[] = {
      {"a boolean", true, "true"},
      {"an integer", std::int64_t{-7}, "-7"},
      {"a decimal number", 0.5, "0.5"},
      {"text", std::string("a b"), "\"a b\""},
      {"text of a flag", PlainText{"x"}, "\"x\""},
      {"another type", OtherType{"a list"}, "a list"},
      {"control characters and quotes", std::string("a\n\x1b[\"\\\x7f"),
       R"("a\u000a\u001b[\"\\\u007f")"},
      {"bytes that are not UTF-8", std::string("\xff!"), R"("\u00ff!")"},
      {"UTF-8 stays", std::string("\xc3\xa9"), "\"\xc3\xa9\""},
      {"long text is cut", std::string(200, 'x'), '"' + std::string(80, 'x') + "\"..."},
      {"a cut does not split a character", std::string(79, 'x') + "\xe2\x82\xac!",
       '"' + std::string(79, 'x') + "\"..."},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(describe(row.value) == row.want);
  }
}

}  // namespace
}  // namespace sluice::app
