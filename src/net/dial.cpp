#include "sluice/net/dial.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include "sluice/net/worker.hpp"

namespace sluice::net {
namespace {

constexpr auto kPatienceWhenOthersWait = std::chrono::seconds(2);

/// How long the first of `addresses_left` may take: its share of the time left, and not so long
/// that a user notices, unless it is the last one.
Deadline turn(Deadline deadline, std::size_t addresses_left) {
  if (addresses_left == 1) return deadline;
  const auto now = Clock::now();
  const auto share = (deadline.at() - now) / static_cast<Clock::rep>(addresses_left);
  return Deadline::after(now, std::min<Clock::duration>(kPatienceWhenOthersWait, share));
}

struct Attempt {
  std::unique_ptr<Stream> stream;  ///< null when it failed
  error_code error;
};

awaitable<Attempt> connect(Worker& worker, const tcp::endpoint& peer, Deadline deadline,
                           CancelSignal* cancel) {
  const int fd = ::socket(peer.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return Attempt{nullptr, error_code(errno, boost::system::system_category())};
  auto stream = std::make_unique<Stream>(worker, fd);
  const CancelScope scope(cancel, *stream);
  if (const auto error = co_await stream->connect(peer, deadline)) {
    co_return Attempt{nullptr, error};
  }
  co_return Attempt{std::move(stream), {}};
}

}  // namespace

awaitable<Result<std::unique_ptr<Stream>>> dial(Worker& worker,
                                                std::span<const asio::ip::address> addresses,
                                                std::uint16_t port, Deadline deadline,
                                                CancelSignal* cancel) {
  Attempt last;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto until = earlier(deadline, turn(deadline, addresses.size() - i));
    last = co_await connect(worker, {addresses[i], port}, until, cancel);
    if (last.stream) co_return std::move(last.stream);
    if (is_cancel(last.error)) co_return cancel_error(last.error);
  }
  auto reason = addresses.empty() ? std::string("no address")
                                  : fmt::format("port {}: {}", port, describe(last.error));
  if (last.error == asio::error::timed_out) {
    co_return upstream_error(Errc::connect_timeout, std::move(reason));
  }
  co_return upstream_error(Errc::connect_failed, std::move(reason), Retry::always);
}

}  // namespace sluice::net
