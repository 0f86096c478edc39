#include "sluice/net/event.hpp"

namespace sluice::net {

awaitable<error_code> Event::wait(Deadline deadline, CancelSignal* signal) {
  const CancelScope scope(signal, *this);
  timer_.expires_at(deadline.at());
  if (!happened_ && !cancelled_) co_await timer_.async_wait(use_tuple);
  if (happened_) co_return error_code();
  co_return cancelled_ ? cancelled_ : error_code(asio::error::timed_out);
}

}  // namespace sluice::net
