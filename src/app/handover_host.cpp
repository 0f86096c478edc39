#include "handover_host.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cerrno>
#include <system_error>

#include "sluice/core/log.hpp"

namespace sluice::app {
namespace {

/// For the first line of a process that has connected.
constexpr auto kHelloPatience = std::chrono::seconds(5);
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(100);

}  // namespace

HandoverHost::HandoverHost(asio::io_context& io, std::string path, Hooks hooks, Patience patience)
    : io_(io),
      path_(std::move(path)),
      temporary_(fmt::format("{}.{}", path_, ::getpid())),
      hooks_(std::move(hooks)),
      patience_(patience),
      listener_(io),
      pause_(io) {}

HandoverHost::~HandoverHost() {
  close();
}

Result<> HandoverHost::prepare() {
  ::unlink(temporary_.c_str());  // of a process that ended without having removed it
  auto socket = listen_at(temporary_);
  if (!socket) return socket.error();
  listener_.assign(socket->release());
  return {};
}

Result<> HandoverHost::publish() {
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return internal_error(fmt::format("server.handover_socket: {}: {}", path_,
                                      std::generic_category().message(errno)));
  }
  published_ = identity_of(path_);
  wait();
  return {};
}

void HandoverHost::close() {
  if (!listener_.is_open()) return;
  if (!published_) ::unlink(temporary_.c_str());
  if (published_ && published_ == identity_of(path_)) ::unlink(path_.c_str());
  pause_.cancel();
  listener_.close();
}

void HandoverHost::wait() {
  listener_.async_wait(listener_.wait_read, [this](error_code error) {
    if (!error && listener_.is_open()) accept();
  });
}

void HandoverHost::accept() {
  net::FileDescriptor connection(
      ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!connection && errno != EAGAIN) {
    // Out of descriptors, say: trying again at once would only spin.
    pause_.expires_after(kPauseAfterFailure);
    pause_.async_wait([this](error_code error) {
      if (!error && listener_.is_open()) wait();
    });
    return;
  }
  wait();
  if (!connection) return;
  auto channel = std::make_unique<HandoverChannel>(io_, std::move(connection));
  if (!channel->trusted()) return log::warning("refused a handover: another user asked for it");
  asio::co_spawn(io_, talk(std::move(channel)), asio::detached);
}

/// The whole conversation with one process.
awaitable<void> HandoverHost::talk(std::unique_ptr<HandoverChannel> channel) {
  const auto hello = co_await channel->receive(kHelloPatience);
  if (!hello) co_return;  // it only looked whether somebody is here
  if (const auto objection = objection_to(*hello); !objection.empty()) {
    log::warning("refused to hand over to {}: {}", channel->peer_name(), objection);
    static_cast<void>(channel->send(std::string(handover::kRefused) + objection));
    co_return;
  }
  busy_ = true;
  const auto passed = co_await pass_socket(*channel);
  busy_ = false;
  if (!passed) {
    log::warning("{} did not take over: {}; going on", channel->peer_name(),
                 passed.error().context);
    co_return;
  }
  log::info("handed over to {}", channel->peer_name());
  handed_over_ = parting_ = true;
  hooks_.hand_over();
  if (channel->send(handover::kDraining)) {
    static_cast<void>(co_await channel->receive(patience_.to_end));
  }
  parting_ = false;
  close();
}

/// Why the process may not have the socket; empty when it may.
std::string HandoverHost::objection_to(std::string_view hello) const {
  if (!hello.starts_with(handover::kHello)) return "it asks for something else";
  const auto version = hello.substr(handover::kHello.size());
  if (version != handover::kVersion) {
    return fmt::format("this process knows version {} of the handover only", handover::kVersion);
  }
  if (handed_over_) return "this process has handed over already";
  if (busy_) return "another process is taking over at this moment";
  if (hooks_.socket() < 0) return "this process is stopping";
  return {};
}

awaitable<Result<>> HandoverHost::pass_socket(HandoverChannel& channel) {
  if (auto sent = channel.send(handover::kSocket, hooks_.socket()); !sent) co_return sent;
  const auto answer = co_await channel.receive(patience_.to_serve);
  if (!answer) co_return answer.error();
  if (*answer != handover::kServing) co_return internal_error("it says something else");
  co_return Result<>();
}

}  // namespace sluice::app
