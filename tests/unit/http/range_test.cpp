#include "sluice/http/range.hpp"

#include "support/catch.hpp"

using namespace sluice::http;

TEST_CASE("is_byte_range knows what may be sent upstream", "[http][unit]") {
  struct Row {
    const char* why;
    std::string_view range;
    bool good;
  };
  const Row rows[] = {
      {"closed", "bytes=0-499", true},
      {"one byte", "bytes=5-5", true},
      {"open", "bytes=500-", true},
      {"suffix", "bytes=-500", true},
      {"several", "bytes=0-1,3-4,-5", true},
      {"white space", " bytes=0-1, 3-4 ", true},
      {"unit in capitals", "Bytes=0-1", true},
      {"64 bits", "bytes=18446744073709551614-18446744073709551615", true},
      {"absent", "", false},
      {"unit only", "bytes=", false},
      {"other unit", "items=0-1", false},
      {"no unit", "0-1", false},
      {"last before first", "bytes=5-4", false},
      {"dash only", "bytes=-", false},
      {"no dash", "bytes=5", false},
      {"two dashes", "bytes=1-2-3", false},
      {"NaN of a broken player", "bytes=NaN-NaN", false},
      {"negative", "bytes=--5", false},
      {"white space inside", "bytes=1 -2", false},
      {"empty element", "bytes=0-1,", false},
      {"over 64 bits", "bytes=0-18446744073709551616", false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(is_byte_range(row.range) == row.good);
  }
}

TEST_CASE("parse_content_range reads what is sound", "[http][unit]") {
  struct Row {
    const char* why;
    std::string_view value;
    std::optional<ContentRange> parsed;
  };
  const Row rows[] = {
      {"whole", "bytes 0-9/10", ContentRange{0, 9, 10}},
      {"part", "bytes 3-4/10", ContentRange{3, 4, 10}},
      {"one byte", "bytes 9-9/10", ContentRange{9, 9, 10}},
      {"unknown total", "bytes 3-4/*", ContentRange{3, 4, {}}},
      {"capitals and white space", " Bytes  3-4/10 ", ContentRange{3, 4, 10}},
      {"unsatisfied", "bytes */10", std::nullopt},
      {"last before first", "bytes 4-3/10", std::nullopt},
      {"last is not below total", "bytes 3-10/10", std::nullopt},
      {"no total", "bytes 3-4", std::nullopt},
      {"empty total", "bytes 3-4/", std::nullopt},
      {"bad total", "bytes 3-4/x", std::nullopt},
      {"no first", "bytes -4/10", std::nullopt},
      {"equals sign", "bytes=3-4/10", std::nullopt},
      {"other unit", "items 3-4/10", std::nullopt},
      {"slash before dash", "bytes 3/4-10", std::nullopt},
      {"over 64 bits", "bytes 0-18446744073709551616/*", std::nullopt},
      {"empty", "", std::nullopt},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK((parse_content_range(row.value) == row.parsed));
  }
}
