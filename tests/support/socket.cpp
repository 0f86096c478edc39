#include "support/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

namespace sluice::test {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct LoopbackAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  LoopbackAddress(bool ipv6, std::uint16_t port) {
    if (ipv6) {
      auto& address = reinterpret_cast<sockaddr_in6&>(storage);
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
      address.sin6_port = htons(port);
      size = sizeof(sockaddr_in6);
    } else {
      auto& address = reinterpret_cast<sockaddr_in&>(storage);
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(port);
      size = sizeof(sockaddr_in);
    }
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Fd make_socket(bool ipv6) {
  return Fd(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void set_option(const Fd& socket, int level, int name, int value) noexcept {
  ::setsockopt(socket.get(), level, name, &value, sizeof(value));
}

int poll_one(int fd, short events, TimePoint deadline) noexcept {
  while (true) {
    pollfd entry{fd, events, 0};
    const int ready = ::poll(&entry, 1, poll_timeout(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0 && std::chrono::steady_clock::now() < deadline) continue;
    return ready;
  }
}

}  // namespace

int poll_timeout(TimePoint deadline) noexcept {
  if (deadline == kNever) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() noexcept {
  return std::exchange(fd_, -1);
}

void Fd::close() noexcept {
  // On Linux the descriptor is gone even when close(2) says EINTR.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

StopSignal::StopSignal() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!event_) fail("eventfd");
}

void StopSignal::raise() const noexcept {
  const std::uint64_t one = 1;
  while (::write(event_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

bool StopSignal::raised() const noexcept {
  return wait_until(TimePoint{});
}

bool StopSignal::wait_until(TimePoint deadline) const noexcept {
  return poll_one(event_.get(), POLLIN, deadline) > 0;
}

Fd listen_on_loopback(bool ipv6, int send_buffer) {
  Fd listener = make_socket(ipv6);
  if (!listener) fail("socket");
  if (send_buffer > 0) set_option(listener, SOL_SOCKET, SO_SNDBUF, send_buffer);
  const LoopbackAddress address(ipv6, 0);
  if (::bind(listener.get(), address.get(), address.size) != 0) fail("bind");
  if (::listen(listener.get(), SOMAXCONN) != 0) fail("listen");
  return listener;
}

Fd refuse_on_loopback() {
  Fd socket = make_socket(false);
  if (!socket) fail("socket");
  const LoopbackAddress address(false, 0);
  if (::bind(socket.get(), address.get(), address.size) != 0) fail("bind");
  return socket;
}

std::uint16_t bound_port(const Fd& socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    fail("getsockname");
  }
  return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(storage).sin_port);
}

Fd accept_from(const Fd& listener) noexcept {
  Fd socket;
  do {
    socket = Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  } while (!socket && (errno == EINTR || errno == ECONNABORTED));
  if (socket) set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  return socket;
}

Fd connect_to_loopback(std::uint16_t port, bool ipv6, int receive_buffer, TimePoint deadline) {
  Fd socket = make_socket(ipv6);
  if (!socket) return {};
  if (receive_buffer > 0) set_option(socket, SOL_SOCKET, SO_RCVBUF, receive_buffer);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  const LoopbackAddress address(ipv6, port);
  if (::connect(socket.get(), address.get(), address.size) == 0) return socket;
  if (errno != EINPROGRESS && errno != EINTR) return {};
  if (poll_one(socket.get(), POLLOUT, deadline) <= 0) return {};
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return {};
  return socket;
}

}  // namespace sluice::test
