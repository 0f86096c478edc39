#include "sluice/net/acceptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/ip/v6_only.hpp>

#include "sluice/core/log.hpp"

namespace sluice::net {
namespace {

/// Out of descriptors or memory, say: accepting again at once would only spin.
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(100);

/// After so many, signals and timers of the same loop get their turn.
constexpr int kMaxAtOnce = 64;

/// Multipath TCP; older systems' headers have no name for it.
constexpr int kMultipathTcp = 262;

/// A socket's option of type int; -1 when `fd` is no socket.
int option_of(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/// What keeps `fd` from being accepted from; nullptr when nothing does.
const char* unfit_because(int fd) {
  const int family = option_of(fd, SO_DOMAIN);
  if (family < 0) return "it is no socket";
  if (family != AF_INET && family != AF_INET6) return "it is a socket of another kind";
  const int protocol = option_of(fd, SO_PROTOCOL);
  if (protocol != IPPROTO_TCP && protocol != kMultipathTcp) return "it is a socket of another kind";
  return option_of(fd, SO_ACCEPTCONN) == 1 ? nullptr : "it does not listen";
}

}  // namespace

Acceptor::Acceptor(asio::io_context& io, std::function<void(int)> take)
    : acceptor_(io), pause_(io), take_(std::move(take)) {}

Acceptor::~Acceptor() {
  close();
}

Result<> Acceptor::listen(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto where = [&] {
    return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port)
                                                  : fmt::format("[{}]:{}", address, port);
  };
  const auto ip = asio::ip::make_address(address, error);
  if (error) return internal_error(fmt::format("{} is not an IP address", address));
  const tcp::endpoint endpoint(ip, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && ip.is_v6() && ip.is_unspecified()) {
    acceptor_.set_option(asio::ip::v6_only(false), error);
  }
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor_.native_non_blocking(true, error);
  if (error == asio::error::address_in_use) {
    return internal_error(
        fmt::format("cannot listen on {}: another program already uses this port", where()));
  }
  if (!error) local_ = acceptor_.local_endpoint(error);
  if (error)
    return internal_error(fmt::format("cannot listen on {}: {}", where(), error.message()));
  return {};
}

Result<> Acceptor::adopt(FileDescriptor socket) {
  const int fd = socket.get();
  if (const char* reason = unfit_because(fd)) {
    return internal_error(fmt::format("not a listening TCP socket: {}", reason));
  }
  error_code error;
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  const auto protocol = option_of(fd, SO_DOMAIN) == AF_INET6 ? tcp::v6() : tcp::v4();
  acceptor_.assign(protocol, fd, error);
  if (error) return internal_error(error.message());
  static_cast<void>(socket.release());
  acceptor_.native_non_blocking(true, error);
  if (!error) local_ = acceptor_.local_endpoint(error);
  if (error) return internal_error(error.message());
  return {};
}

void Acceptor::start() {
  wait();
}

void Acceptor::close() {
  error_code ignored;
  // Another process may hold the same socket: closing alone would leave it in this one's epoll set.
  if (acceptor_.is_open()) FileDescriptor(acceptor_.release(ignored));
  pause_.cancel();
}

void Acceptor::wait() {
  acceptor_.async_wait(tcp::acceptor::wait_read, [this](error_code error) {
    if (!error && acceptor_.is_open()) accept_all();
  });
}

void Acceptor::accept_all() {
  for (int accepted = 0; accepted < kMaxAtOnce; ++accepted) {
    const int fd =
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      take_(fd);
    } else if (errno == EAGAIN) {
      return wait();
    } else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) {
      log::error(
          "cannot accept a connection: {}; trying again (is the limit of open files too low?)",
          error_code(errno, boost::system::system_category()).message());
      pause_.expires_after(kPauseAfterFailure);
      pause_.async_wait([this](error_code error) {
        if (!error && acceptor_.is_open()) accept_all();
      });
      return;
    }  // those three concern one connection only
  }
  wait();
}

}  // namespace sluice::net
