#include "sluice/dash/iso8601.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sluice/core/text.hpp"

namespace sluice::dash {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// Far above what fits a Duration and far below what int128 holds times a year's nanoseconds.
constexpr int128 kLargest = static_cast<int128>(1) << 64;

Duration saturated(int128 nanoseconds) noexcept {
  constexpr int128 most = Duration::max().count();
  constexpr int128 least = Duration::min().count();
  return Duration(static_cast<std::int64_t>(std::clamp(nanoseconds, least, most)));
}

/// Reads a text from the left; once something is missing, all that follows is.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : rest_(trim(text)) {}

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
  bool accept(char c) noexcept {
    if (peek() != c || c == '\0') return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(bool there) noexcept { failed_ |= !there; }
  void expect(char c) noexcept { expect(accept(c)); }

  /// One digit or more, exactly `width` unless that is 0; saturates at kLargest.
  int128 digits(std::size_t width = 0) noexcept {
    int128 value = 0;
    std::size_t count = 0;
    while (peek() >= '0' && peek() <= '9' && (width == 0 || count < width)) {
      value = std::min(value * 10 + (peek() - '0'), kLargest);
      rest_.remove_prefix(1);
      ++count;
    }
    expect(count > 0 && (width == 0 || count == width));
    count_ = count;
    return value;
  }
  [[nodiscard]] std::size_t digit_count() const noexcept { return count_; }

  int number(std::size_t width) noexcept { return static_cast<int>(digits(width)); }

  /// The digits behind a decimal point, in nanoseconds.
  std::int64_t fraction() noexcept {
    std::int64_t value = 0;
    std::int64_t unit = kSecond / 10;
    std::size_t count = 0;
    for (; peek() >= '0' && peek() <= '9'; rest_.remove_prefix(1), ++count) {
      value += (peek() - '0') * unit;
      unit /= 10;
    }
    expect(count > 0);
    return value;
  }

  /// One of `names`, as its index.
  template <std::size_t N>
  int one_of(const std::array<std::string_view, N>& names) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
      if (rest_.starts_with(names[i])) {
        rest_.remove_prefix(names[i].size());
        return static_cast<int>(i);
      }
    }
    expect(false);
    return 0;
  }

 private:
  std::string_view rest_;
  std::size_t count_ = 0;
  bool failed_ = false;
};

std::optional<Time> civil_time(int year, int month, int day, Duration of_day) noexcept {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const int128 days = std::chrono::sys_days(date).time_since_epoch().count();
  return Time(saturated(days * 86'400 * kSecond + of_day.count()));
}

/// "hh:mm:ss"; the seconds may be missing where `short_form` says so.
Duration time_of_day(Cursor& in, bool short_form) noexcept {
  const int hours = in.number(2);
  in.expect(':');
  const int minutes = in.number(2);
  int seconds = 0;
  std::int64_t fraction = 0;
  if (!short_form || in.peek() == ':') {
    in.expect(':');
    seconds = in.number(2);
    if (in.accept('.')) fraction = in.fraction();
  }
  const std::int64_t whole = (hours * 60 + minutes) * 60 + seconds;
  in.expect(minutes < 60 && seconds <= 60 && whole <= 86'400 + (seconds == 60 ? 1 : 0));
  in.expect(hours < 24 || (whole == 86'400 && fraction == 0));
  return Duration(whole * kSecond + fraction);
}

Duration zone(Cursor& in) noexcept {
  if (in.accept('Z') || in.accept('z') || in.done()) return Duration(0);
  const bool west = in.accept('-');
  if (!west) in.expect('+');
  const int hours = in.number(2);
  const int minutes = in.accept(':') || !in.done() ? in.number(2) : 0;
  in.expect(minutes < 60 && hours * 60 + minutes <= 14 * 60);
  const std::int64_t offset = (hours * 60 + minutes) * 60 * kSecond;
  return Duration(west ? -offset : offset);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) noexcept {
  constexpr std::pair<char, std::int64_t> kDays[] = {
      {'Y', 365 * 86'400}, {'M', 30 * 86'400}, {'D', 86'400}};
  constexpr std::pair<char, std::int64_t> kTimes[] = {{'H', 3'600}, {'M', 60}, {'S', 1}};
  Cursor in(text);
  const bool negative = in.accept('-');
  in.expect('P');
  int128 total = 0;
  bool in_time = in.accept('T');
  std::size_t next_unit = 0;
  do {
    int128 value = in.digits() * kSecond;
    const bool has_fraction = in.accept('.');
    if (has_fraction) value += in.fraction();
    const auto& units = in_time ? kTimes : kDays;
    while (next_unit < 3 && in.peek() != units[next_unit].first) ++next_unit;
    if (in.failed() || next_unit == 3) return std::nullopt;
    in.accept(in.peek());
    if (has_fraction && !(in_time && next_unit == 2)) return std::nullopt;
    total += value * units[next_unit++].second;
    if (!in_time && in.accept('T')) {
      in_time = true;
      next_unit = 0;
      if (in.done()) return std::nullopt;
    }
  } while (!in.done());
  return saturated(negative ? -total : total);
}

std::optional<Time> parse_date_time(std::string_view text) noexcept {
  Cursor in(text);
  const bool before_christ = in.accept('-');
  const int128 year = in.digits();
  in.expect(in.digit_count() >= 4);
  in.expect('-');
  const int month = in.number(2);
  in.expect('-');
  const int day = in.number(2);
  if (!in.accept('T') && !in.accept('t')) in.expect(' ');
  const Duration of_day = time_of_day(in, true);
  const Duration offset = zone(in);
  if (in.failed() || !in.done()) return std::nullopt;
  // The calendar ends in 32767; saturation begins long before. Leap years repeat every 400.
  const int usable = year > 9'999 ? 9'600 + static_cast<int>(year % 400) : static_cast<int>(year);
  return civil_time(before_christ ? -usable : usable, month, day, of_day - offset);
}

std::optional<Duration> parse_decimal_seconds(std::string_view text) noexcept {
  text = trim(text);
  if (text == "INF" || text == "+INF") return kForever;
  if (text == "-INF") return -kForever;
  Cursor in(text);
  const bool negative = in.accept('-');
  if (!negative) in.accept('+');
  const bool bare_point = in.peek() == '.';
  int128 value = bare_point ? 0 : in.digits() * kSecond;
  if (in.accept('.')) {
    const bool digit = in.peek() >= '0' && in.peek() <= '9';
    if (digit || bare_point) value += in.fraction();
  }
  if (in.accept('e') || in.accept('E')) {
    const bool down = in.accept('-');
    if (!down) in.accept('+');
    // Past forty digits every value is saturated or zero.
    for (int128 power = std::min<int128>(in.digits(), 40); power > 0; --power) {
      value = down ? value / 10 : std::min(value * 10, kLargest * kSecond);
    }
  }
  if (in.failed() || !in.done()) return std::nullopt;
  return saturated(negative ? -value : value);
}

std::optional<Time> parse_http_date(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 14> kDays = {
      "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
      "Mon",    "Tue",     "Wed",       "Thu",      "Fri",    "Sat",      "Sun"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  Cursor in(text);
  in.one_of(kDays);
  int year = 0;
  int month = 0;
  int day = 0;
  Duration of_day(0);
  if (in.accept(',')) {
    in.expect(' ');
    day = in.number(2);
    const char separator = in.peek() == '-' ? '-' : ' ';
    in.expect(separator);
    month = in.one_of(kMonths) + 1;
    in.expect(separator);
    year = in.number(separator == '-' ? 2 : 4);
    if (separator == '-') year += year < 70 ? 2'000 : 1'900;
    in.expect(' ');
    of_day = time_of_day(in, false);
    for (const char c : {' ', 'G', 'M', 'T'}) in.expect(c);
  } else {
    in.expect(' ');
    month = in.one_of(kMonths) + 1;
    in.expect(' ');
    day = in.number(in.accept(' ') ? 1 : 2);
    in.expect(' ');
    of_day = time_of_day(in, false);
    in.expect(' ');
    year = in.number(4);
  }
  if (in.failed() || !in.done()) return std::nullopt;
  return civil_time(year, month, day, of_day);
}

}  // namespace sluice::dash
