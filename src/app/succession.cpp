#include "succession.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "sluice/app/listen_address.hpp"
#include "sluice/app/service_notify.hpp"
#include "sluice/core/log.hpp"

namespace sluice::app {

Succession::Succession(asio::io_context& io, const Settings& settings, server::Server& proxy,
                       Hooks hooks)
    : io_(io), settings_(settings), proxy_(proxy), hooks_(std::move(hooks)) {}

Result<> Succession::listen(net::FileDescriptor passed) {
  const auto& path = settings_.server.handover_socket;
  if (!path.empty()) {
    auto found = Predecessor::find(io_, path);
    if (!found) return found.error();
    predecessor_ = std::move(*found);
  }
  if (auto bound = find_socket(std::move(passed)); !bound) return bound;
  if (path.empty()) return {};
  host_ = std::make_unique<HandoverHost>(
      io_, path, HandoverHost::Hooks{[this] { return proxy_.descriptor(); }, hooks_.hand_over});
  return host_->prepare();
}

Result<> Succession::find_socket(net::FileDescriptor passed) {
  if (passed) {
    if (auto adopted = proxy_.listen(std::move(passed)); !adopted) {
      return std::move(adopted).error().in("the socket passed by the service manager");
    }
    return check_exposure();
  }
  auto socket = predecessor_ ? predecessor_->take_socket() : net::FileDescriptor();
  if (!socket || !fits(socket)) return proxy_.listen(settings_.server.host, settings_.server.port);
  if (auto adopted = proxy_.listen(std::move(socket)); !adopted) {
    return std::move(adopted).error().in(fmt::format("the socket of {}", predecessor_->name()));
  }
  return check_exposure();
}

/// A socket of the process before this one is of use only where the settings want one.
bool Succession::fits(const net::FileDescriptor& socket) const {
  tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  if (::getsockname(socket.get(), bound.data(), &size) != 0) return false;
  bound.resize(size);
  error_code error;
  const auto wanted = asio::ip::make_address(settings_.server.host, error);
  return !error && bound.address() == wanted &&
         (settings_.server.port == 0 || settings_.server.port == bound.port());
}

/// As SourcedSettings::check() does for the address in the settings.
Result<> Succession::check_exposure() const {
  const auto address = proxy_.local().address().to_string();
  if (!is_exposed(settings_.auth, address)) return {};
  return internal_error(fmt::format(
      "the passed socket's address {} can be reached from other machines and no password is set: "
      "set auth.api_password, or allow everyone with auth.open = true",
      address));
}

void Succession::serving() {
  if (predecessor_) {
    asio::co_spawn(io_, take_over(), asio::detached);
  } else {
    publish();
    is_service_ = true;
    notify_ready(status());
  }
}

void Succession::loading() const {
  if (is_service_) notify_reloading();
}

void Succession::loaded() const {
  if (is_service_) notify_ready(status());
}

awaitable<void> Succession::take_over() {
  const auto name = predecessor_->name();
  const auto relieved = co_await predecessor_->relieve();
  if (!relieved && somebody_hosts(settings_.server.handover_socket)) {
    log::error("{} was not relieved ({}) and goes on; giving up", name, relieved.error().context);
    gave_up_ = true;
    hooks_.give_up();
    co_return;
  }
  if (relieved) {
    log::info("took over from {}", name);
  } else {
    log::warning("{} has ended during the handover: {}", name, relieved.error().context);
  }
  publish();
  is_service_ = true;
  // Before the other one may end: it is the service manager's main process up to here.
  notify_taken_over(::getpid(), status());
  predecessor_->dismiss();
  predecessor_.reset();
}

void Succession::publish() {
  if (!host_) return;
  if (auto published = host_->publish(); !published) {
    log::error("no handover will be possible: {}", published.error().context);
  }
}

void Succession::stopping() {
  // For the service manager the service goes on with another process.
  if (host_ && host_->handed_over()) is_service_ = false;
  if (std::exchange(is_service_, false)) notify_stopping("draining");
  if (host_) host_->close();
}

std::string Succession::status() const {
  const auto bound = proxy_.local();
  const auto address = bound.address().to_string();
  return bound.address().is_v6() ? fmt::format("serving on [{}]:{}", address, bound.port())
                                 : fmt::format("serving on {}:{}", address, bound.port());
}

}  // namespace sluice::app
