#include "sluice/core/text.hpp"

#include "support/catch.hpp"

using namespace sluice;

TEST_CASE("ascii_lower changes only A to Z", "[core][unit]") {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool upper = c >= 'A' && c <= 'Z';
    CHECK(ascii_lower(c) == (upper ? static_cast<char>(c + 32) : c));
  }
  CHECK(ascii_lower("Content-TYPE \xc3\x84") == "content-type \xc3\x84");
}

TEST_CASE("Case-insensitive comparison", "[core][unit]") {
  CHECK(iequals("", ""));
  CHECK(iequals("Content-Type", "cONTENT-tYPE"));
  CHECK_FALSE(iequals("a", "ab"));
  CHECK_FALSE(iequals("@", "`"));  // 0x40 and 0x60: they differ by the case bit, but are no letters
  CHECK_FALSE(iequals("\xc3\x84", "\xc3\xa4"));

  CHECK(istarts_with("HTTP://x", "http://"));
  CHECK(istarts_with("x", ""));
  CHECK_FALSE(istarts_with("htt", "http"));

  CHECK(icontains("application/x-MPEGurl", "mpegURL"));
  CHECK(icontains("aab", "AB"));
  CHECK_FALSE(icontains("ab", "abc"));
  CHECK_FALSE(icontains("ab", ""));
}

TEST_CASE("trim removes blanks at both ends only", "[core][unit]") {
  CHECK(trim(" \t\r\n a b \n") == "a b");
  CHECK(trim("ab") == "ab");
  CHECK(trim(" \r\n").empty());
  CHECK(trim("").empty());
  CHECK(trim("\va\v") == "\va\v");
}

TEST_CASE("split keeps empty parts", "[core][unit]") {
  using Parts = std::vector<std::string_view>;
  CHECK(split("", ',') == Parts{""});
  CHECK(split("a", ',') == Parts{"a"});
  CHECK(split("a,,b", ',') == Parts{"a", "", "b"});
  CHECK(split(",a,", ',') == Parts{"", "a", ""});
}

TEST_CASE("parse_u64 takes whole decimal numbers only", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view text;
    std::optional<std::uint64_t> value;
  };
  const Row rows[] = {
      {"zero", "0", 0},
      {"leading zeros carry no meaning", "007", 7},
      {"largest", "18446744073709551615", UINT64_MAX},
      {"one more overflows", "18446744073709551616", std::nullopt},
      {"empty", "", std::nullopt},
      {"sign", "+1", std::nullopt},
      {"minus", "-1", std::nullopt},
      {"leading space", " 1", std::nullopt},
      {"trailing space", "1 ", std::nullopt},
      {"hexadecimal", "0x10", std::nullopt},
      {"fraction", "1.0", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(parse_u64(row.text) == row.value);
  }
}
