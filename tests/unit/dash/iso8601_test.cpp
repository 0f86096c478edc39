#include "sluice/dash/iso8601.hpp"

#include "support/catch.hpp"

using namespace sluice::dash;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

}  // namespace

TEST_CASE("parse_duration is exact to the nanosecond", "[dash][unit]") {
  struct Row {
    const char* why;
    std::string_view text;
    std::optional<std::int64_t> nanoseconds;
  };
  const Row rows[] = {
      {"seconds", "PT10S", 10 * kSecond},
      {"all fields", "P1Y2M3DT4H5M6.7S",
       428 * kDay + (4 * 3'600 + 5 * 60 + 6) * kSecond + 700'000'000},
      {"no fraction that binary numbers have", "PT0.1S", kSecond / 10},
      {"nine digits", "PT634.566000001S", 634'566'000'001},
      {"more are cut off", "PT1.9999999999S", 1'999'999'999},
      {"zero", "PT0S", 0},
      {"days", "P2D", 2 * kDay},
      {"leading zeros", "P0Y0M0DT0H00M09.000S", 9 * kSecond},
      {"hours past a day", "PT30H", 30 * 3'600 * kSecond},
      {"negative", "-PT1.5S", -1'500'000'000},
      {"blanks", " PT1S\n", kSecond},
      {"months are not minutes", "P1M", 30 * kDay},
      {"the most that .NET knows", "P10675199DT2H48M5.4775807S", Duration::max().count()},
      {"longer than any number", "PT99999999999999999999999999999999999999S",
       Duration::max().count()},
      {"the same, backwards", "-P99999999999999999999Y", Duration::min().count()},
      {"empty", "", std::nullopt},
      {"nothing but P", "P", std::nullopt},
      {"T without time", "P1DT", std::nullopt},
      {"T alone", "PT", std::nullopt},
      {"no unit", "PT10", std::nullopt},
      {"no number", "PTS", std::nullopt},
      {"wrong order", "PT1S2M", std::nullopt},
      {"a unit twice", "PT1S1S", std::nullopt},
      {"seconds without T", "P1S", std::nullopt},
      {"a fraction of minutes", "PT1.5M", std::nullopt},
      {"point without digits", "PT1.S", std::nullopt},
      {"point first", "PT.5S", std::nullopt},
      {"sign inside", "PT-1S", std::nullopt},
      {"plus", "+PT1S", std::nullopt},
      {"comma", "PT1,5S", std::nullopt},
      {"lower case", "pt1s", std::nullopt},
      {"plain number", "10", std::nullopt},
      {"something behind", "PT1S x", std::nullopt},
      {"weeks are no xs:duration", "P1W", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.why << ": " << row.text);
    const auto duration = parse_duration(row.text);
    REQUIRE(duration.has_value() == row.nanoseconds.has_value());
    if (duration) CHECK(duration->count() == *row.nanoseconds);
  }
}

TEST_CASE("parse_date_time knows zones, leap years and fractions", "[dash][unit]") {
  struct Row {
    const char* why;
    std::string_view text;
    std::optional<std::int64_t> nanoseconds;  ///< since 1970
  };
  constexpr std::int64_t noon = 1'714'564'800 * kSecond;  // 2024-05-01T12:00:00Z
  const Row rows[] = {
      {"UTC", "2024-05-01T12:00:00Z", noon},
      {"without zone", "2024-05-01T12:00:00", noon},
      {"east", "2024-05-01T14:00:00+02:00", noon},
      {"west, across midnight", "2024-04-30T22:30:00-13:30", noon},
      {"offset without colon", "2024-05-01T14:00:00+0200", noon},
      {"offset in hours", "2024-05-01T14:00:00+02", noon},
      {"fraction", "2024-05-01T12:00:00.123456789Z", noon + 123'456'789},
      {"longer fraction", "2024-05-01T12:00:00.12345678987Z", noon + 123'456'789},
      {"without seconds", "2024-05-01T12:00Z", noon},
      {"blank for the T", "2024-05-01 12:00:00Z", noon},
      {"blanks around", " 2024-05-01T12:00:00Z ", noon},
      {"the epoch", "1970-01-01T00:00:00Z", 0},
      {"before it", "1969-12-31T23:59:59.5Z", -500'000'000},
      {"29 February", "2024-02-29T00:00:00Z", 1'709'164'800 * kSecond},
      {"end of the day", "2024-04-30T24:00:00Z", 1'714'521'600 * kSecond},
      {"leap second", "2016-12-31T23:59:60Z", 1'483'228'800 * kSecond},
      {"far future", "9999-12-31T23:59:59Z", Duration::max().count()},
      {"five-digit year", "12024-01-01T00:00:00Z", Duration::max().count()},
      {"far past", "0001-01-01T00:00:00Z", Duration::min().count()},
      {"no such day", "2023-02-29T00:00:00Z", std::nullopt},
      {"no such month", "2024-13-01T00:00:00Z", std::nullopt},
      {"day 0", "2024-01-00T00:00:00Z", std::nullopt},
      {"no such hour", "2024-01-01T25:00:00Z", std::nullopt},
      {"past the end of the day", "2024-01-01T24:00:01Z", std::nullopt},
      {"no such minute", "2024-01-01T10:60:00Z", std::nullopt},
      {"no such zone", "2024-01-01T10:00:00+15:00", std::nullopt},
      {"date alone", "2024-01-01", std::nullopt},
      {"one digit", "2024-1-1T00:00:00Z", std::nullopt},
      {"two-digit year", "24-01-01T00:00:00Z", std::nullopt},
      {"point without digits", "2024-01-01T00:00:00.Z", std::nullopt},
      {"something behind", "2024-01-01T00:00:00Zx", std::nullopt},
      {"a duration", "PT1S", std::nullopt},
      {"empty", "", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.why << ": " << row.text);
    const auto time = parse_date_time(row.text);
    REQUIRE(time.has_value() == row.nanoseconds.has_value());
    if (time) CHECK(time->time_since_epoch().count() == *row.nanoseconds);
  }
}

TEST_CASE("parse_http_date reads the three forms", "[dash][unit]") {
  const Time expected{std::chrono::seconds(784'111'777)};
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == expected);
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == expected);
  CHECK(parse_http_date("Sun Nov  6 08:49:37 1994") == expected);
  CHECK(parse_http_date("Thu, 01 Jan 2026 00:00:00 GMT") ==
        Time(std::chrono::seconds(1'767'225'600)));
  for (const char* wrong : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
                            "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 08:49 GMT", "2024-05-01T12:00:00Z"}) {
    INFO(wrong);
    CHECK_FALSE(parse_http_date(wrong).has_value());
  }
}

TEST_CASE("parse_decimal_seconds is exact", "[dash][unit]") {
  struct Row {
    std::string_view text;
    std::optional<std::int64_t> nanoseconds;
  };
  const Row rows[] = {
      {"7", 7 * kSecond},
      {"0.1", kSecond / 10},
      {".5", kSecond / 2},
      {"7.", 7 * kSecond},
      {"-2.25", -2'250'000'000},
      {"+1", kSecond},
      {"1.5e3", 1'500 * kSecond},
      {"25E-1", 2'500'000'000},
      {"INF", Duration::max().count()},
      {"-INF", -Duration::max().count()},
      {"1e999999999999999999999999", Duration::max().count()},
      {"1e-40", 0},
      {"NaN", std::nullopt},
      {"", std::nullopt},
      {".", std::nullopt},
      {"1e", std::nullopt},
      {"1.2.3", std::nullopt},
      {"0x10", std::nullopt},
      {"PT1S", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const auto duration = parse_decimal_seconds(row.text);
    REQUIRE(duration.has_value() == row.nanoseconds.has_value());
    if (duration) CHECK(duration->count() == *row.nanoseconds);
  }
}

TEST_CASE("Seconds add and compare without rounding", "[dash][unit]") {
  const Seconds third = Seconds::of(1, 3);
  CHECK(third + third + third == Seconds::of(5, 5));
  Seconds sum;
  for (int i = 0; i < 30'000; ++i) sum = sum + Seconds::of(1'001, 30'000);
  CHECK(sum == Seconds::of(std::chrono::seconds(1'001)));
  CHECK(third < Seconds::of(Duration(333'333'334)));
  CHECK(third > Seconds::of(Duration(333'333'333)));
  CHECK(Seconds::of(-1, 3) < Seconds());
  CHECK(Seconds() - third == Seconds::of(-1, 3));
  CHECK(Seconds::of(-1, 3).floor() == Duration(-333'333'334));
  // 2^64 - 1 ticks and the largest timescale.
  const Seconds late = Seconds::of(UINT64_MAX, UINT32_MAX);
  CHECK(late - Seconds::of(UINT64_MAX - 1, UINT32_MAX) == Seconds::of(1, UINT32_MAX));
  CHECK(Seconds::of(static_cast<int128>(UINT64_MAX), 1).floor() == Duration::max());
}
