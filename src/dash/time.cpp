#include "sluice/dash/time.hpp"

#include <numeric>

namespace sluice::dash {

Seconds Seconds::of(int128 ticks, std::uint64_t timescale) noexcept {
  Seconds seconds;
  std::uint64_t part = 0;
  if (ticks >= 0 && ticks <= UINT64_MAX) {  // nearly always, and much cheaper
    const auto small = static_cast<std::uint64_t>(ticks);
    seconds.whole_ = small / timescale;
    part = small % timescale;
  } else {
    seconds.whole_ = floor_div(ticks, timescale);
    part = static_cast<std::uint64_t>(ticks - seconds.whole_ * timescale);
  }
  if (part == 0) return seconds;
  const auto common = std::gcd(part, timescale);
  seconds.part_ = part / common;
  seconds.scale_ = timescale / common;
  return seconds;
}

Seconds Seconds::of(Duration duration) noexcept {
  return of(duration.count(), 1'000'000'000);
}

Duration Seconds::floor() const noexcept {
  const int128 nanoseconds =
      whole_ * 1'000'000'000 + static_cast<int128>(part_) * 1'000'000'000 / scale_;
  if (nanoseconds > Duration::max().count()) return Duration::max();
  if (nanoseconds < Duration::min().count()) return Duration::min();
  return Duration(static_cast<std::int64_t>(nanoseconds));
}

Seconds Seconds::operator+(const Seconds& other) const noexcept {
  if (part_ == 0 || other.part_ == 0) {
    Seconds sum = part_ == 0 ? other : *this;
    sum.whole_ = whole_ + other.whole_;
    return sum;
  }
  const auto scale = scale_ / std::gcd(scale_, other.scale_) * other.scale_;
  const int128 part = static_cast<int128>(part_) * (scale / scale_) +
                      static_cast<int128>(other.part_) * (scale / other.scale_);
  Seconds sum = of(part, scale);
  sum.whole_ += whole_ + other.whole_;
  return sum;
}

Seconds Seconds::operator-(const Seconds& other) const noexcept {
  Seconds negative = of(-static_cast<int128>(other.part_), other.scale_);
  negative.whole_ -= other.whole_;
  return *this + negative;
}

std::strong_ordering Seconds::operator<=>(const Seconds& other) const noexcept {
  if (whole_ != other.whole_) return whole_ <=> other.whole_;
  return static_cast<int128>(part_) * other.scale_ <=> static_cast<int128>(other.part_) * scale_;
}

bool Seconds::operator==(const Seconds& other) const noexcept {
  return (*this <=> other) == std::strong_ordering::equal;
}

}  // namespace sluice::dash
