#include "proxy_dial.hpp"

#include <vector>

#include "origin_addresses.hpp"
#include "sluice/net/dial.hpp"
#include "sluice/net/http_connect.hpp"
#include "sluice/net/socks.hpp"
#include "sluice/net/tls.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/upstream/reach.hpp"

namespace sluice::upstream {
namespace {

using Dialled = Result<std::unique_ptr<net::Stream>>;

/// Addresses of one origin that a proxy is asked for, one after the other.
constexpr std::size_t kMaxTargets = 4;

/// An error on the way to the proxy, which is not the origin's.
Error of_proxy(Error error) {
  const auto as = [&](Errc code, const char* what) {
    return Error{code, error.origin, error.retry, what + error.context};
  };
  switch (error.code) {
    case Errc::host_not_found: return as(Errc::proxy_failed, "its host name was not found: ");
    case Errc::connect_failed: return as(Errc::proxy_failed, "it does not accept connections: ");
    case Errc::tls_failed: return as(Errc::proxy_failed, "TLS handshake: ");
    case Errc::certificate_refused:
      return as(Errc::proxy_failed, "its TLS certificate was refused: ");
    case Errc::connect_timeout:
    case Errc::tls_timeout: return as(Errc::proxy_timeout, "");
    default: return error;
  }
}

awaitable<Dialled> dial_proxy(const OutgoingProxy& proxy, DialMeans means, Deadline deadline,
                              net::CancelSignal* cancel) {
  const auto addresses =
      co_await means.resolver.resolve(means.worker, proxy.host, deadline, cancel);
  if (!addresses) co_return of_proxy(addresses.error());
  auto stream = co_await net::dial(means.worker, *addresses, proxy.port, deadline, cancel);
  if (!stream) co_return of_proxy(std::move(stream).error());
  if (proxy.kind == ProxyKind::https) {
    const net::CancelScope scope(cancel, **stream);
    auto shaken = co_await (*stream)->handshake(means.proxy_tls, proxy.host, proxy.port,
                                                Deadline::in(means.settings.tls_timeout));
    if (!shaken) co_return of_proxy(std::move(shaken).error());
  }
  co_return stream;
}

/// The target in words that leave the look-up to the proxy.
Result<net::ProxyTarget> unresolved(const Url& url, Reach reach) {
  if (const auto known = known_address(url.host()); known && !may_dial(*known, reach)) {
    return out_of_reach({&*known, 1});
  }
  error_code not_literal;
  const auto literal = asio::ip::make_address(url.host(), not_literal);
  if (not_literal) return net::ProxyTarget{url.host(), url.port()};
  return net::ProxyTarget{literal, url.port()};
}

awaitable<Result<std::vector<net::ProxyTarget>>> targets(const OutgoingProxy& proxy, const Url& url,
                                                         DialMeans means, Deadline deadline,
                                                         net::CancelSignal* cancel) {
  std::vector<net::ProxyTarget> found;
  if (proxy.looks_up()) {
    auto target = unresolved(url, means.settings.reach);
    if (!target) co_return std::move(target).error();
    found.push_back(*std::move(target));
    co_return found;
  }
  const auto addresses = co_await origin_addresses(means.worker, means.resolver, url.host(),
                                                   means.settings.reach, deadline, cancel);
  if (!addresses) co_return addresses.error();
  for (const auto& address : *addresses) {
    if (proxy.kind == ProxyKind::socks4 && !address.is_v4()) continue;
    if (found.size() < kMaxTargets) found.push_back({address, url.port()});
  }
  if (found.empty()) {
    co_return upstream_error(Errc::proxy_refused_target,
                             "SOCKS 4 knows IPv4 only, and the origin has no such address");
  }
  co_return found;
}

std::unique_ptr<net::ProxyDialogue> dialogue_with(const OutgoingProxy& proxy,
                                                  net::ProxyTarget target) {
  switch (proxy.kind) {
    case ProxyKind::http:
    case ProxyKind::https:
      return std::make_unique<net::ConnectDialogue>(std::move(target), proxy.login);
    case ProxyKind::socks4:
    case ProxyKind::socks4a:
      return std::make_unique<net::Socks4Dialogue>(std::move(target), proxy.login);
    case ProxyKind::socks5:
    case ProxyKind::socks5h: break;
  }
  return std::make_unique<net::Socks5Dialogue>(std::move(target), proxy.login);
}

}  // namespace

awaitable<Dialled> dial_through(const OutgoingProxy& proxy, const Url& url, DialMeans means,
                                net::CancelSignal* cancel) {
  const auto deadline = Deadline::in(means.settings.dial_timeout);
  auto wanted = co_await targets(proxy, url, means, deadline, cancel);
  if (!wanted) co_return std::move(wanted).error();
  Error last;
  for (auto& target : *wanted) {
    auto stream = co_await dial_proxy(proxy, means, deadline, cancel);
    if (!stream) co_return stream;
    if (!url.is_https() && proxy.forwards_http()) co_return stream;
    const auto dialogue = dialogue_with(proxy, std::move(target));
    const net::CancelScope scope(cancel, **stream);
    auto opened = co_await net::open_tunnel(**stream, *dialogue, deadline);
    if (opened) co_return stream;
    last = std::move(opened).error();
    if (last.code != Errc::proxy_refused_target) break;
  }
  co_return last;
}

}  // namespace sluice::upstream
