#include "handover_channel.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <system_error>

namespace sluice::app {
namespace {

constexpr std::size_t kMaxLine = 500;
/// Room for more descriptors than are expected, so that surplus ones are seen, and closed.
constexpr std::size_t kMaxSockets = 8;
using Ancillary = std::array<char, CMSG_SPACE(kMaxSockets * sizeof(int))>;

Error system_failure() {
  return internal_error(std::generic_category().message(errno));
}

Error timed_out() {
  return internal_error("it does not answer in time");
}

/// The descriptors that came with a message: the first one, the others closed.
net::FileDescriptor first_socket(msghdr& message) {
  net::FileDescriptor first;
  for (auto* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      net::FileDescriptor received(fd);
      if (!first) first = std::move(received);
    }
  }
  return first;
}

}  // namespace

HandoverChannel::HandoverChannel(asio::io_context& io, net::FileDescriptor connection)
    : connection_(io, connection.release()) {
  error_code ignored;
  connection_.native_non_blocking(true, ignored);
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(connection_.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) ==
      0) {
    peer_ = credentials.pid;
    trusted_ = credentials.uid == ::geteuid() || credentials.uid == 0;
  }
}

std::string HandoverChannel::peer_name() const {
  return peer_ > 0 ? fmt::format("pid {}", peer_) : "another process";
}

Result<> HandoverChannel::send(std::string_view line, int socket) {
  auto text = std::string(line) + "\n";
  iovec bytes{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> ancillary{};
  if (socket >= 0) {
    message.msg_control = ancillary.data();
    message.msg_controllen = ancillary.size();
    auto* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof socket);
    std::memcpy(CMSG_DATA(part), &socket, sizeof socket);
  }
  // So few short lines always find room.
  const auto sent = ::sendmsg(connection_.native_handle(), &message, MSG_NOSIGNAL);
  if (sent < 0) return system_failure();
  if (static_cast<std::size_t>(sent) != text.size()) return internal_error("it does not read");
  return {};
}

/// Takes in what has arrived; false when that is nothing yet.
Result<bool> HandoverChannel::read_more() {
  std::array<char, kMaxLine> buffer{};
  iovec bytes{buffer.data(), buffer.size()};
  alignas(cmsghdr) Ancillary ancillary{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.data();
  message.msg_controllen = ancillary.size();
  const auto got = ::recvmsg(connection_.native_handle(), &message, MSG_CMSG_CLOEXEC);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got < 0) return system_failure();
  if (auto socket = first_socket(message)) socket_ = std::move(socket);
  if (got == 0) return internal_error("it has closed the connection");
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  if (received_.size() > kMaxLine) return internal_error("it sends something else");
  return true;
}

std::optional<std::string> HandoverChannel::next_line() {
  const auto end = received_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  auto line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

awaitable<Result<std::string>> HandoverChannel::receive(Clock::duration patience) {
  using asio::experimental::awaitable_operators::operator||;
  asio::steady_timer timer(connection_.get_executor(), patience);
  for (;;) {
    if (auto line = next_line()) co_return *std::move(line);
    const auto first = co_await (connection_.async_wait(connection_.wait_read, use_tuple) ||
                                 timer.async_wait(use_tuple));
    if (first.index() == 1) co_return timed_out();
    if (auto more = read_more(); !more) co_return more.error();
  }
}

Result<std::string> HandoverChannel::receive_blocking(Clock::duration patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    if (auto line = next_line()) return *std::move(line);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd state{connection_.native_handle(), POLLIN, 0};
    const int ready = left.count() > 0 ? ::poll(&state, 1, static_cast<int>(left.count())) : 0;
    if (ready == 0) return timed_out();
    if (auto more = read_more(); !more) return more.error();
  }
}

}  // namespace sluice::app
