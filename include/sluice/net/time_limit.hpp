#pragma once

#include "sluice/core/clock.hpp"
#include "sluice/net/cancel.hpp"
#include "sluice/net/ticker.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::net {

/// Bounds a piece of work of many steps as a whole: a signal that is given when the time is over,
/// or when an outer one is given. One thread: the worker's.
class TimeLimit final : private Ticker::Listener, private Cancellable {
 public:
  /// `outer` may be null, else it outlives this.
  TimeLimit(Worker& worker, Clock::duration length, CancelSignal* outer)
      : deadline_(Deadline::in(length)), outer_(outer, *this) {
    worker.ticker().add(*this);
  }

  [[nodiscard]] CancelSignal& signal() noexcept { return signal_; }

 private:
  void on_tick(TimePoint now) override {
    if (deadline_.expired(now)) cancel(kShuttingDown);
  }
  void cancel(error_code why) override { signal_.cancel(why); }

  CancelSignal signal_;
  Deadline deadline_;
  CancelScope outer_;
};

}  // namespace sluice::net
