#include "sluice/net/stream.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>

#include "sluice/net/tls.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::net {
namespace {

/// Bytes a response may have waiting unsent in the kernel. Fast clients are not slowed by it, and
/// what waits for a slow one stays small.
constexpr int kNotSentLowat = 128 * 1024;

/// The kernel counts twice that, with its own overhead.
constexpr int kLittle = 128 * 1024;

constexpr std::chrono::milliseconds kBatchTime(4);
constexpr std::uint64_t kSmallestBatch = 64 * 1024;
/// A batch that is not complete by then comes from a peer that is not as fast any more.
constexpr std::chrono::milliseconds kBatchPatience(50);

error_code last_system_error() {
  return {errno, boost::system::system_category()};
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

/// Drops `count` bytes from the front of `buffers`.
std::span<iovec> drop_front(std::span<iovec> buffers, std::size_t count) {
  while (!buffers.empty() && count >= buffers.front().iov_len) {
    count -= buffers.front().iov_len;
    buffers = buffers.subspan(1);
  }
  if (!buffers.empty()) {
    buffers.front().iov_base = static_cast<char*>(buffers.front().iov_base) + count;
    buffers.front().iov_len -= count;
  }
  return buffers;
}

tcp::endpoint endpoint_of(int fd, int (*ask)(int, sockaddr*, socklen_t*)) {
  tcp::endpoint end;
  auto size = static_cast<socklen_t>(end.capacity());
  if (ask(fd, end.data(), &size) != 0) return {};
  end.resize(size);
  return end;
}

/// Bytes in the kernel that the peer has not taken.
int unacknowledged(int fd) {
  int bytes = 0;
  return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

}  // namespace

Stream::Stream(Worker& worker, int fd) : worker_(worker), socket_(worker.reactor(), fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (!(flags & O_NONBLOCK)) ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  constexpr int kOn = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kNotSentLowat, sizeof kNotSentLowat);
}

awaitable<error_code> Stream::connect(const tcp::endpoint& peer, Deadline deadline) {
  if (::connect(fd(), peer.data(), static_cast<socklen_t>(peer.size())) == 0)
    co_return error_code();
  if (errno != EINPROGRESS) co_return last_system_error();
  socket_.exhausted(Socket::Way::write);
  if (const auto error = co_await wait(Socket::Way::write, deadline)) co_return error;
  int reason = 0;
  socklen_t size = sizeof reason;
  ::getsockopt(fd(), SOL_SOCKET, SO_ERROR, &reason, &size);
  co_return error_code(reason, boost::system::system_category());
}

/// What a try says that found nothing.
std::optional<std::size_t> Stream::nothing(Socket::Way way) noexcept {
  socket_.exhausted(way);
  return std::nullopt;
}

IoResult<std::optional<std::size_t>> Stream::try_read(Bytes into) {
  if (ssl_) return tls_read(into);
  if (!socket_.maybe(Socket::Way::read)) return std::optional<std::size_t>();
  for (;;) {
    const auto got = ::recv(fd(), into.data(), into.size(), 0);
    if (got >= 0) {
      const auto size = static_cast<std::size_t>(got);
      if (size < into.size()) socket_.read_short();
      received_ += size;
      return std::optional(size);
    }
    if (would_block()) return nothing(Socket::Way::read);
    if (errno != EINTR) return last_system_error();
  }
}

IoResult<std::optional<std::size_t>> Stream::try_write(std::span<const iovec> buffers) {
  if (ssl_) {
    while (!buffers.empty() && buffers.front().iov_len == 0) buffers = buffers.subspan(1);
    if (buffers.empty()) return std::optional<std::size_t>(0);
    ERR_clear_error();
    auto outcome = tls_outcome(
        SSL_write(ssl_.get(), buffers.front().iov_base, static_cast<int>(buffers.front().iov_len)));
    if (outcome && *outcome && **outcome == 0) return error_code(asio::error::connection_reset);
    return outcome;
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(buffers.data());
  message.msg_iovlen = buffers.size();
  for (;;) {
    const auto sent = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
    if (sent >= 0) return std::optional(static_cast<std::size_t>(sent));
    if (would_block()) return nothing(Socket::Way::write);
    if (errno != EINTR) return last_system_error();
  }
}

IoResult<std::optional<std::size_t>> Stream::try_splice_in(SplicePipe& pipe, std::size_t max) {
  if (!socket_.maybe(Socket::Way::read)) return std::optional<std::size_t>();
  for (;;) {
    const auto moved =
        ::splice(fd(), nullptr, pipe.ends_.write, nullptr, max, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (moved >= 0) {
      pipe.held_ += static_cast<std::size_t>(moved);
      received_ += static_cast<std::size_t>(moved);
      return std::optional(static_cast<std::size_t>(moved));
    }
    if (would_block()) return nothing(Socket::Way::read);
    if (errno == EINVAL || errno == ENOSYS) {
      return error_code(asio::error::operation_not_supported);
    }
    if (errno != EINTR) return last_system_error();
  }
}

IoResult<std::optional<std::size_t>> Stream::try_splice_out(SplicePipe& pipe) {
  for (;;) {
    const auto moved = ::splice(pipe.ends_.read, nullptr, fd(), nullptr, pipe.held_,
                                SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (moved > 0) {
      pipe.held_ -= static_cast<std::size_t>(moved);
      return std::optional(static_cast<std::size_t>(moved));
    }
    if (moved == 0) return error_code(asio::error::broken_pipe);
    if (would_block()) return nothing(Socket::Way::write);
    if (errno != EINTR) return last_system_error();
  }
}

awaitable<error_code> Stream::wait_readable(Deadline deadline) {
  if (ssl_ && SSL_pending(ssl_.get()) > 0) co_return error_code();
  if (outer_ssl_ && SSL_pending(outer_ssl_.get()) > 0) co_return error_code();
  co_return co_await wait(std::exchange(tls_wants_, {}).value_or(Socket::Way::read), deadline);
}

awaitable<error_code> Stream::wait_writable(Deadline deadline) {
  co_return co_await wait(std::exchange(tls_wants_, {}).value_or(Socket::Way::write), deadline);
}

awaitable<error_code> Stream::wait_for_room(Clock::duration patience) {
  for (;;) {
    const auto before = unacknowledged(fd());
    const auto error = co_await wait_writable(Deadline::in(patience));
    const bool took_some = error == asio::error::timed_out && unacknowledged(fd()) < before;
    if (!took_some) co_return error;
  }
}

awaitable<error_code> Stream::wait_for_batch(std::uint64_t rest, Deadline deadline) {
  const auto now = Clock::now();
  const auto elapsed = std::max<Clock::duration>(now - waited_at_, std::chrono::microseconds(1));
  const auto expected = received_ * static_cast<std::uint64_t>(kBatchTime / Clock::duration(1)) /
                        static_cast<std::uint64_t>(elapsed.count());
  if (batch_ > 1 && received_ >= static_cast<std::uint64_t>(batch_)) {
    largest_batch_ = std::min(2 * largest_batch_, kLargestBatch);
  }
  // Under TLS a part of the rest may be in OpenSSL's buffer.
  const auto largest = ssl_ ? std::min(kSmallestBatch, largest_batch_) : largest_batch_;
  const auto sure = ssl_ ? rest - std::min(rest, TlsContext::kReadBuffer) : rest;
  const auto batch = std::bit_floor(std::min({expected, sure, largest}));
  // Without a deadline no tick would notice that the peer stopped short.
  const bool in_batches = batch >= kSmallestBatch && deadline.at() != TimePoint::max();
  expect_batch(in_batches ? static_cast<int>(batch) : 1);
  waited_at_ = now;
  received_ = 0;
  return wait_readable(deadline);
}

void Stream::end_batches() {
  expect_batch(1);
  largest_batch_ = kLargestBatch;
}

void Stream::hold_little(bool little) {
  if (little == holds_little_) return;
  holds_little_ = little;
  if (little) {
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &kLittle, sizeof kLittle);
  } else {
    constexpr int kNotLocked = 0;
    ::setsockopt(fd(), SOL_SOCKET, SO_BUF_LOCK, &kNotLocked, sizeof kNotLocked);
  }
}

void Stream::expect_batch(int bytes) {
  if (bytes == batch_) return;
  batch_ = bytes;
  ::setsockopt(fd(), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

awaitable<error_code> Stream::wait(Socket::Way way, Deadline deadline) {
  if (cancelled_) co_return cancelled_;
  timed_out_ = false;
  deadline_ = deadline.at();
  if (deadline_ != TimePoint::max()) worker_.ticker().add(*this);
  const auto error = co_await socket_.wait(way);
  Ticker::remove(*this);
  if (cancelled_) co_return cancelled_;
  if (timed_out_) co_return asio::error::timed_out;
  co_return error;
}

awaitable<IoResult<std::size_t>> Stream::read_some(Bytes into, Deadline deadline) {
  for (;;) {
    auto got = try_read(into);
    if (!got) co_return got.error();
    if (*got) co_return **got;
    if (auto error = co_await wait_readable(deadline)) co_return error;
  }
}

awaitable<error_code> Stream::write_all(std::span<iovec> buffers, Clock::duration patience) {
  buffers = drop_front(buffers, 0);
  while (!buffers.empty()) {
    auto sent = try_write(buffers);
    if (!sent) co_return sent.error();
    if (*sent) {
      buffers = drop_front(buffers, **sent);
    } else if (const auto error = co_await wait_for_room(patience)) {
      co_return error;
    }
  }
  co_return error_code();
}

bool Stream::is_quiet() {
  if (cancelled_) return false;
  char byte = 0;
  if (ssl_) {
    // Session tickets that arrived meanwhile are taken in by the peek.
    ERR_clear_error();
    const int got = SSL_peek(ssl_.get(), &byte, 1);
    return got <= 0 && SSL_get_error(ssl_.get(), got) == SSL_ERROR_WANT_READ;
  }
  if (socket_.watched() && !socket_.maybe(Socket::Way::read)) return true;
  return ::recv(fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && would_block();
}

Stream::Peer Stream::peer() const {
  pollfd state{fd(), POLLRDHUP, 0};
  if (::poll(&state, 1, 0) < 0) return Peer::open;
  if (state.revents & (POLLERR | POLLHUP | POLLNVAL)) return Peer::gone;
  return state.revents & POLLRDHUP ? Peer::half_closed : Peer::open;
}

bool Stream::has_input() const {
  pollfd state{fd(), POLLIN, 0};
  return ::poll(&state, 1, 0) > 0;
}

tcp::endpoint Stream::remote() const {
  return endpoint_of(fd(), ::getpeername);
}

tcp::endpoint Stream::local() const {
  return endpoint_of(fd(), ::getsockname);
}

void Stream::cancel(error_code why) {
  if (!cancelled_) cancelled_ = why;
  socket_.interrupt(why);
}

void Stream::shutdown_send() {
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    if (outer_ssl_) SSL_shutdown(outer_ssl_.get());
  }
  ::shutdown(fd(), SHUT_WR);
}

void Stream::reset_on_close() {
  const linger now{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void Stream::on_tick(TimePoint now) {
  if (batch_ > 1 && now - waited_at_ > kBatchPatience) {
    // Its bytes come in bursts, or its system is short of memory for more.
    largest_batch_ /= 4;
    expect_batch(1);  // which also announces what is there
  }
  if (now < deadline_) return;
  timed_out_ = true;
  socket_.interrupt(asio::error::timed_out);
}

std::string describe(error_code error) {
  return error.message();
}

}  // namespace sluice::net
