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
    for (auto next = listeners_.begin(); next != listeners_.end();) {
      auto& listener = *next++;  // it may remove itself
      listener.on_tick(now);
    }
    if (!listeners_.empty()) schedule();
  });
}

}  // namespace sluice::net
