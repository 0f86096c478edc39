#pragma once

#include "sluice/core/url.hpp"
#include "sluice/net/resolver.hpp"
#include "sluice/upstream/connection_pool.hpp"
#include "sluice/upstream/settings.hpp"
#include "sluice/upstream/transport.hpp"

namespace sluice::net {
class Worker;
}

namespace sluice::upstream {

/// A connection on which a request may be sent now.
struct Connection {
  std::unique_ptr<net::Stream> stream;
  HostLimiter::Permit permit;
  /// Where in the pool it belongs once its response was read to the end.
  std::string pool_key;
  /// It has carried a request before, so the origin may have closed it meanwhile.
  bool reused = false;
  /// Set when it leads to a proxy that forwards requests: the request has to name the origin
  /// (absolute-form) and to carry the proxy's login. Lives as long as the Transport.
  const OutgoingProxy* forwarding = nullptr;
};

/// Gets one worker's connections to origins: from the pool, or by look-up, reach check, connect and
/// TLS handshake, directly or through the proxy that the URL's route says; each with a permit of
/// the limiter. One thread; what is given by reference is shared and outlives it.
class Connector {
 public:
  Connector(net::Worker& worker, net::Resolver& resolver, Transport& transport,
            HostLimiter& limiter, const Settings& settings);

  struct Wish {
    bool fresh = false;  ///< not one from the pool
    bool held = false;   ///< for a Request that may be held: it takes no place of the limit
  };
  /// A connection to the origin of `url`. `cancel` may be null.
  /// A pooled one was made the way that the route of `url` says. Errors of Resolver::resolve(),
  /// net::dial(), Stream::handshake() and HostLimiter::acquire(); address_refused; Errc's proxy_...
  /// ones.
  [[nodiscard]] awaitable<Result<Connection>> connect(const Url& url, Wish wish,
                                                      net::CancelSignal* cancel);

  [[nodiscard]] ConnectionPool& pool() noexcept { return pool_; }

 private:
  [[nodiscard]] awaitable<Result<std::unique_ptr<net::Stream>>> dial(
      const Url& url, const TransportRoutes::Route& route, net::CancelSignal* cancel);
  [[nodiscard]] awaitable<Result<std::unique_ptr<net::Stream>>> dial_origin(
      const Url& url, net::CancelSignal* cancel);

  net::Worker& worker_;
  net::Resolver& resolver_;
  Transport& transport_;
  HostLimiter& limiter_;
  const Settings& settings_;
  ConnectionPool pool_;
};

}  // namespace sluice::upstream
