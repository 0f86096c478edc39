#pragma once

#include <memory>

#include "sluice/core/url.hpp"
#include "sluice/net/resolver.hpp"
#include "sluice/net/stream.hpp"
#include "sluice/upstream/outgoing_proxy.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::upstream {

/// What dialling takes; all of it outlives the call.
struct DialMeans {
  net::Worker& worker;
  net::Resolver& resolver;
  net::TlsContext& proxy_tls;
  const Settings& settings;
};

/// A connection through `proxy`: a tunnel to the host of `url`, or for an http URL and a proxy that
/// forwards_http() the connection to the proxy itself.
///
/// The proxy's own address is the operator's choice and may be any. The origin's is checked when it
/// is known here: looked up for socks4 and socks5, or a literal. A name that the proxy looks up is
/// not. address_refused, host_not_found and resolver_busy (of the origin), Errc's proxy_... ones,
/// internal, or cancel_error().
[[nodiscard]] awaitable<Result<std::unique_ptr<net::Stream>>> dial_through(
    const OutgoingProxy& proxy, const Url& url, DialMeans means, net::CancelSignal* cancel);

}  // namespace sluice::upstream
