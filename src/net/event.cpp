#include "sluice/net/event.hpp"

#include "sluice/net/worker.hpp"

namespace sluice::net {

Event::Event(Worker& worker) : worker_(worker), sleeper_(worker.reactor()) {}

awaitable<error_code> Event::wait(Deadline deadline, CancelSignal* signal) {
  const CancelScope scope(signal, *this);
  if (!happened_ && !cancelled_) {
    deadline_ = deadline.at();
    if (deadline_ != TimePoint::max()) worker_.ticker().add(*this);
    co_await sleeper_.sleep();
    Ticker::remove(*this);
  }
  if (happened_) co_return error_code();
  co_return cancelled_ ? cancelled_ : error_code(asio::error::timed_out);
}

void Event::on_tick(TimePoint now) {
  if (now >= deadline_) sleeper_.wake(asio::error::timed_out);
}

}  // namespace sluice::net
