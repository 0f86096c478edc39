#include "sluice/upstream/connector.hpp"

#include <fmt/format.h>

#include "sluice/net/dial.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/upstream/reach.hpp"

namespace sluice::upstream {
namespace {

std::vector<asio::ip::address> within_reach(const std::vector<asio::ip::address>& addresses,
                                            Reach reach) {
  std::vector<asio::ip::address> allowed;
  for (const auto& address : addresses) {
    if (may_dial(address, reach)) allowed.push_back(address);
  }
  return allowed;
}

}  // namespace

Connector::Connector(net::Worker& worker, net::Resolver& resolver, net::TlsContext& tls,
                     const Settings& settings)
    : worker_(worker),
      resolver_(resolver),
      tls_(tls),
      settings_(settings),
      pool_(worker.ticker(), settings) {}

awaitable<Result<Connection>> Connector::connect(const Url& url, bool fresh,
                                                 net::CancelSignal* cancel) {
  auto key = url.origin();
  if (!fresh) {
    if (auto pooled = pool_.take(key))
      co_return Connection{std::move(pooled), std::move(key), true};
  }
  const auto deadline = Deadline::in(settings_.dial_timeout);
  auto addresses = co_await resolver_.resolve(url.host(), deadline, cancel);
  if (!addresses) co_return addresses.error();
  const auto allowed = within_reach(*addresses, settings_.reach);
  if (allowed.empty()) {
    co_return client_error(
        Errc::address_refused,
        fmt::format("this server may not fetch from {} addresses (setting upstream.reach)",
                    to_string(classify(addresses->front()))));
  }
  auto stream = co_await net::dial(worker_, allowed, url.port(), deadline, cancel);
  if (!stream) co_return stream.error();
  if (url.is_https()) {
    const net::CancelScope scope(cancel, **stream);
    auto shaken = co_await (*stream)->handshake(tls_, url.host(), url.port(),
                                                Deadline::in(settings_.tls_timeout));
    if (!shaken) co_return shaken.error();
  }
  co_return Connection{*std::move(stream), std::move(key), false};
}

}  // namespace sluice::upstream
