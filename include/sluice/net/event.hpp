#pragma once

#include "sluice/core/clock.hpp"
#include "sluice/net/asio.hpp"
#include "sluice/net/cancel.hpp"
#include "sluice/net/reactor.hpp"
#include "sluice/net/ticker.hpp"

namespace sluice::net {

class Worker;

/// Something one coroutine waits for that is no socket. One thread: the worker's.
class Event final : public Cancellable, private Ticker::Listener {
 public:
  explicit Event(Worker& worker);

  /// It has happened; ends the wait, also one that begins later.
  void notify() noexcept {
    happened_ = true;
    sleeper_.wake({});
  }
  void cancel(error_code why) override {
    cancelled_ = why;
    sleeper_.wake(why);
  }

  /// Waits once. Nothing when it has happened, even if cancelled as well; asio::error::timed_out,
  /// up to a tick late; or the reason given to `signal`, which may be null.
  [[nodiscard]] awaitable<error_code> wait(Deadline deadline, CancelSignal* signal);
  [[nodiscard]] Worker& worker() const noexcept { return worker_; }

 private:
  void on_tick(TimePoint now) override;

  Worker& worker_;
  Sleeper sleeper_;
  TimePoint deadline_;
  error_code cancelled_;
  bool happened_ = false;
};

}  // namespace sluice::net
