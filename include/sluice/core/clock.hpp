#pragma once

#include <algorithm>
#include <chrono>

namespace sluice {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

/// A point in time after which an operation is given up; one value is passed down instead of many
/// time-outs. Only `server` and the deadline timers read the clock, everybody else compares.
class Deadline {
 public:
  /// Never expires.
  constexpr Deadline() noexcept = default;
  constexpr explicit Deadline(TimePoint at) noexcept : at_(at) {}
  [[nodiscard]] static Deadline in(Clock::duration length) { return after(Clock::now(), length); }
  /// `now + length`; a length too long to represent never expires.
  [[nodiscard]] static constexpr Deadline after(TimePoint now, Clock::duration length) noexcept {
    return length >= TimePoint::max() - now ? Deadline() : Deadline(now + length);
  }

  [[nodiscard]] constexpr bool expired(TimePoint now) const noexcept { return now >= at_; }
  [[nodiscard]] constexpr TimePoint at() const noexcept { return at_; }
  [[nodiscard]] friend constexpr Deadline earlier(Deadline a, Deadline b) noexcept {
    return Deadline(std::min(a.at_, b.at_));
  }

 private:
  TimePoint at_ = TimePoint::max();
};

}  // namespace sluice
