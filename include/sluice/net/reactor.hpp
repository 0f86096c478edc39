#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>

#include "sluice/net/asio.hpp"

namespace sluice::net {

class Reactor;

/// Where one coroutine sleeps until it is woken. One thread: the reactor's.
class Sleeper : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  explicit Sleeper(Reactor& reactor) noexcept : reactor_(reactor) {}
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper() { drop(); }

  /// Ends with what wake() was given. One coroutine at a time.
  [[nodiscard]] awaitable<std::tuple<error_code>> sleep();
  /// Ends when everybody else who is ready had a turn.
  [[nodiscard]] awaitable<std::tuple<error_code>> yield();
  /// Ends sleep() soon, not before this returns. Without effect when nobody sleeps, or when woken
  /// already.
  void wake(error_code with) noexcept;
  [[nodiscard]] bool asleep() const noexcept { return run_ != nullptr; }

 private:
  friend class Reactor;
  template <class Handler>
  void park(Handler handler);
  void run();
  void drop() noexcept;

  static constexpr std::size_t kHandlerSize = 4 * sizeof(void*);

  Reactor& reactor_;
  /// The handler in handler_ is called (with outcome_) or only destroyed.
  void (*run_)(Sleeper&, bool call) = nullptr;
  error_code outcome_;
  bool woken_ = false;
  alignas(std::max_align_t) std::byte handler_[kHandlerSize];
};

/// Tells the coroutines of one worker when their sockets are ready, and lets them take turns.
///
/// An epoll set of its own inside that of the io_context: a socket is registered once and
/// edge-triggered, many events are taken by one system call, and none of them passes through the
/// queue of the io_context, which is told of the first one only. One thread: the worker's.
class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// Runs inside `io` from now on, until detach().
  void attach(asio::io_context& io);
  /// Gives up what sleeps, and its coroutines with it. For the end, when nothing runs any more.
  void detach();

 private:
  friend class Sleeper;
  friend class Socket;
  using Sleepers = boost::intrusive::list<Sleeper, boost::intrusive::constant_time_size<false>>;

  void ready(Sleeper& sleeper) noexcept;
  void run();
  int take_events();
  void run_ready();
  void watch();

  int epoll_ = -1;
  std::optional<asio::posix::stream_descriptor> notice_;
  Sleepers asleep_;
  Sleepers ready_;
  bool running_ = false;   ///< run() is under way, or will be
  bool watching_ = false;  ///< notice_ waits
};

/// A socket's descriptor, which it owns, and what is known of its readiness.
class Socket {
 public:
  enum class Way : std::uint8_t { read, write };

  Socket(Reactor& reactor, int fd) noexcept : reactor_(reactor), fd_(fd), sleeper_(reactor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  [[nodiscard]] int fd() const noexcept { return fd_; }

  /// Events are told: wait() was called once.
  [[nodiscard]] bool watched() const noexcept { return registered_; }
  /// A system call may find something. false: it would not, until wait() ends.
  [[nodiscard]] bool maybe(Way way) const noexcept { return maybe_ & bit(way); }
  /// A system call found nothing.
  void exhausted(Way way) noexcept { maybe_ &= static_cast<std::uint8_t>(~bit(way)); }
  /// A read got less than it asked for: there is no more, unless the peer has ended.
  void read_short() noexcept {
    if (!ended_) exhausted(Way::read);
  }

  /// Until maybe(way). Or what interrupt() is given, or what the system has against watching.
  [[nodiscard]] awaitable<error_code> wait(Way way);
  void interrupt(error_code why) noexcept { sleeper_.wake(why); }

 private:
  friend class Reactor;
  static constexpr std::uint8_t bit(Way way) noexcept {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(way));
  }
  void on_events(std::uint32_t events) noexcept;

  Reactor& reactor_;
  int fd_;
  bool registered_ = false;
  bool ended_ = false;
  std::uint8_t maybe_ = bit(Way::read) | bit(Way::write);
  Way waits_for_ = Way::read;
  Sleeper sleeper_;
};

}  // namespace sluice::net
