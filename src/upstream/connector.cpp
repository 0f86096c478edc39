#include "sluice/upstream/connector.hpp"

#include <fmt/format.h>

#include "origin_addresses.hpp"
#include "proxy_dial.hpp"
#include "sluice/net/dial.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::upstream {
namespace {

/// Equal only for connections to the same origin that were made the same way.
std::string pool_key(const Url& url, const TransportRoutes::Route& route) {
  auto key = url.origin();
  if (route.proxy) key += fmt::format(" by {}", route.proxy_number);
  if (!route.verify && url.is_https()) key += " unchecked";
  return key;
}

}  // namespace

Connector::Connector(net::Worker& worker, net::Resolver& resolver, Transport& transport,
                     HostLimiter& limiter, const Settings& settings)
    : worker_(worker),
      resolver_(resolver),
      transport_(transport),
      limiter_(limiter),
      settings_(settings),
      pool_(worker, limiter, settings) {}

awaitable<Result<Connection>> Connector::connect(const Url& url, Wish wish,
                                                 net::CancelSignal* cancel) {
  const auto route = transport_.routes().find(url);
  const bool forwarded = route.proxy && route.proxy->forwards_http() && !url.is_https();
  const auto* forwarding = forwarded ? route.proxy : nullptr;
  auto key = pool_key(url, route);
  if (!wish.fresh) {
    if (auto kept = pool_.take(key)) {
      if (wish.held) kept->permit.give_back();
      worker_.metrics().add(Count::origin_connections_reused);
      co_return Connection{std::move(kept->stream), std::move(kept->permit), std::move(key), true,
                           forwarding};
    }
  }
  auto permit = wish.held ? HostLimiter::Permit() : limiter_.try_acquire(key);
  if (!permit && !wish.held) {
    auto grant = co_await limiter_.acquire(key, worker_, cancel);
    if (!grant) co_return grant.error();
    permit = std::move(grant->permit);
    if (grant->stream && !wish.fresh && grant->stream->is_quiet()) {
      worker_.metrics().add(Count::origin_connections_reused);
      co_return Connection{std::move(grant->stream), std::move(permit), std::move(key), true,
                           forwarding};
    }
  }
  auto stream = co_await dial(url, route, cancel);
  if (!stream) {
    worker_.metrics().add_failed_connect(stream.error().code);
    co_return std::move(stream).error();
  }
  worker_.metrics().add(Count::origin_connections_opened);
  co_return Connection{*std::move(stream), std::move(permit), std::move(key), false, forwarding};
}

awaitable<Result<std::unique_ptr<net::Stream>>> Connector::dial(const Url& url,
                                                                const TransportRoutes::Route& route,
                                                                net::CancelSignal* cancel) {
  Result<std::unique_ptr<net::Stream>> stream = internal_error({});
  if (route.proxy) {
    const DialMeans means{worker_, resolver_, transport_.proxy_tls(), settings_};
    stream = co_await dial_through(*route.proxy, url, means, cancel);
  } else {
    stream = co_await dial_origin(url, cancel);
  }
  if (stream && url.is_https()) {
    const net::CancelScope scope(cancel, **stream);
    auto shaken = co_await (*stream)->handshake(transport_.tls(route.verify), url.host(),
                                                url.port(), Deadline::in(settings_.tls_timeout));
    if (!shaken) co_return shaken.error();
  }
  co_return stream;
}

awaitable<Result<std::unique_ptr<net::Stream>>> Connector::dial_origin(const Url& url,
                                                                       net::CancelSignal* cancel) {
  const auto deadline = Deadline::in(settings_.dial_timeout);
  auto addresses =
      co_await origin_addresses(worker_, resolver_, url.host(), settings_.reach, deadline, cancel);
  if (!addresses) co_return addresses.error();
  std::erase_if(*addresses, [&](const asio::ip::address& address) {
    return transport_.own_listeners().contain({address, url.port()});
  });
  if (addresses->empty()) {
    co_return client_error(Errc::address_refused, "it is this server itself");
  }
  co_return co_await net::dial(worker_, *addresses, url.port(), deadline, cancel);
}

}  // namespace sluice::upstream
