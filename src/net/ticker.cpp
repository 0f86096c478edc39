#include "sluice/net/ticker.hpp"

namespace sluice::net {

void Ticker::add(Listener& listener) {
  listeners_.push_back(listener);
  if (!running_) schedule();
}

void Ticker::schedule() {
  running_ = true;
  timer_.expires_after(kInterval);
  timer_.async_wait([this](error_code error) {
    running_ = false;
    if (error) return;
    const auto now = Clock::now();
    for (auto& listener : listeners_) listener.on_tick(now);
    if (!listeners_.empty()) schedule();
  });
}

}  // namespace sluice::net
