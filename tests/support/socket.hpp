#pragma once

#include <chrono>
#include <cstdint>

namespace sluice::test {

/// Moment at which an operation gives up; `kNever` for no limit.
using TimePoint = std::chrono::steady_clock::time_point;
inline constexpr TimePoint kNever = TimePoint::max();

/// Time left until `deadline` as poll(2) wants it: milliseconds rounded up, -1 for `kNever`.
[[nodiscard]] int poll_timeout(TimePoint deadline) noexcept;

/// Owns one file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { close(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  /// Gives the descriptor away.
  [[nodiscard]] int release() noexcept;
  void close() noexcept;

 private:
  int fd_ = -1;
};

/// A flag that other threads can wait for with poll(2). Once raised it stays raised. The
/// constructor throws std::system_error.
class StopSignal {
 public:
  StopSignal();
  void raise() const noexcept;
  [[nodiscard]] bool raised() const noexcept;
  /// Waits until it is raised; false when it was not by `deadline`.
  [[nodiscard]] bool wait_until(TimePoint deadline) const noexcept;
  /// Readable once raised.
  [[nodiscard]] int fd() const noexcept { return event_.get(); }

 private:
  Fd event_;
};

/// A listening TCP socket on 127.0.0.1 or [::1], port chosen by the system. `send_buffer` > 0 sets
/// SO_SNDBUF of the sockets it accepts, in bytes. Throws std::system_error.
[[nodiscard]] Fd listen_on_loopback(bool ipv6, int send_buffer = 0);

/// A port of 127.0.0.1 that refuses connections as long as the socket is open: bound, and so nobody
/// else's, but not listening. Throws std::system_error.
[[nodiscard]] Fd refuse_on_loopback();

/// Port a socket is bound to. Throws std::system_error.
[[nodiscard]] std::uint16_t bound_port(const Fd& socket);

/// Accepts one connection (non-blocking socket, TCP_NODELAY); an empty Fd when there is none.
[[nodiscard]] Fd accept_from(const Fd& listener) noexcept;

/// Connects to a loopback port (non-blocking socket, TCP_NODELAY); an empty Fd when refused or not
/// connected by `deadline`. `receive_buffer` > 0 sets SO_RCVBUF, in bytes.
[[nodiscard]] Fd connect_to_loopback(std::uint16_t port, bool ipv6, int receive_buffer,
                                     TimePoint deadline);

}  // namespace sluice::test
