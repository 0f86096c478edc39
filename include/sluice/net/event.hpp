#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sluice/core/clock.hpp"
#include "sluice/net/asio.hpp"
#include "sluice/net/cancel.hpp"

namespace sluice::net {

/// Something one coroutine waits for that is no socket. One thread: that of its executor.
class Event final : public Cancellable {
 public:
  explicit Event(const asio::any_io_executor& executor) : timer_(executor) {}

  /// It has happened; ends the wait, also one that begins later.
  void notify() {
    happened_ = true;
    timer_.cancel();
  }
  void cancel(error_code why) override {
    cancelled_ = why;
    timer_.cancel();
  }

  /// Waits once. Nothing when it has happened, even if cancelled as well; asio::error::timed_out;
  /// or the reason given to `signal`, which may be null.
  [[nodiscard]] awaitable<error_code> wait(Deadline deadline, CancelSignal* signal);
  [[nodiscard]] asio::any_io_executor executor() { return timer_.get_executor(); }

 private:
  asio::steady_timer timer_;
  error_code cancelled_;
  bool happened_ = false;
};

}  // namespace sluice::net
