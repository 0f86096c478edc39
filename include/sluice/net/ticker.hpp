#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "sluice/core/clock.hpp"
#include "sluice/net/asio.hpp"

namespace sluice::net {

/// The coarse clock of one worker: every `interval` it tells each listener the time, so that a
/// deadline costs one store instead of one timer operation per read. It runs only while somebody
/// listens. One thread: the worker's.
class Ticker {
 public:
  class Listener : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;
    /// May cancel operations (their handlers run later) and close sockets; must add no
    /// listener and remove none but itself.
    virtual void on_tick(TimePoint now) = 0;
  };

  /// How late a deadline may be noticed.
  static constexpr std::chrono::milliseconds kInterval{100};

  explicit Ticker(asio::io_context& io) : timer_(io) {}
  ~Ticker() { listeners_.clear(); }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  /// Starts telling `listener` the time, until it is unlinked or destroyed.
  void add(Listener& listener);
  static void remove(Listener& listener) noexcept {
    if (listener.is_linked()) listener.unlink();
  }

 private:
  void schedule();

  asio::steady_timer timer_;
  boost::intrusive::list<Listener, boost::intrusive::constant_time_size<false>> listeners_;
  bool running_ = false;
};

}  // namespace sluice::net
