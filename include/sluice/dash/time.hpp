#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace sluice::dash {

/// Room for products of 64-bit times with timescales. (`__extension__`: it is no part of C++20.)
__extension__ using int128 = __int128;

/// A length of time in an MPD. Values past ±292 years saturate; some packagers write the largest
/// number they know for "always".
using Duration = std::chrono::nanoseconds;
/// A point of wall-clock time, UTC without leap seconds.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

inline constexpr Duration kForever = Duration::max();

/// A number of seconds without rounding: whole + part/scale, with part < scale. Sums and
/// comparisons are exact as long as the least common multiple of the scales stays below 2^63; that
/// holds for a duration (scale 10^9) and a time on any 32-bit timescale.
class Seconds {
 public:
  Seconds() = default;
  /// `ticks` of 1/`timescale` seconds. `timescale` is not 0.
  [[nodiscard]] static Seconds of(int128 ticks, std::uint64_t timescale) noexcept;
  [[nodiscard]] static Seconds of(Duration duration) noexcept;

  /// The whole nanoseconds that are not more than this; saturates.
  [[nodiscard]] Duration floor() const noexcept;
  [[nodiscard]] Seconds operator+(const Seconds& other) const noexcept;
  [[nodiscard]] Seconds operator-(const Seconds& other) const noexcept;
  [[nodiscard]] std::strong_ordering operator<=>(const Seconds& other) const noexcept;
  [[nodiscard]] bool operator==(const Seconds& other) const noexcept;

  [[nodiscard]] int128 whole() const noexcept { return whole_; }  ///< rounded down
  [[nodiscard]] std::uint64_t part() const noexcept { return part_; }
  [[nodiscard]] std::uint64_t scale() const noexcept { return scale_; }

 private:
  int128 whole_ = 0;
  std::uint64_t part_ = 0;
  std::uint64_t scale_ = 1;  ///< without common factor with part_
};

/// Rounds towards minus infinity, as `/` does not. `b` is positive.
[[nodiscard]] constexpr int128 floor_div(int128 a, int128 b) noexcept {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}
[[nodiscard]] constexpr int128 ceil_div(int128 a, int128 b) noexcept {
  return -floor_div(-a, b);
}

/// `nanoseconds` in ticks of 1/`timescale` seconds, rounded down or up.
[[nodiscard]] constexpr int128 floor_ticks(int128 nanoseconds, std::uint64_t timescale) noexcept {
  return floor_div(nanoseconds * timescale, 1'000'000'000);
}
[[nodiscard]] constexpr int128 ceil_ticks(int128 nanoseconds, std::uint64_t timescale) noexcept {
  return ceil_div(nanoseconds * timescale, 1'000'000'000);
}

}  // namespace sluice::dash
