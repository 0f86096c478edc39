#pragma once

#include "sluice/core/url.hpp"
#include "sluice/net/resolver.hpp"
#include "sluice/net/tls.hpp"
#include "sluice/upstream/connection_pool.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::net {
class Worker;
}

namespace sluice::upstream {

/// A connection on which a request may be sent now.
struct Connection {
  std::unique_ptr<net::Stream> stream;
  /// Where in the pool it belongs once its response was read to the end.
  std::string pool_key;
  /// It has carried a request before, so the origin may have closed it meanwhile.
  bool reused = false;
};

/// Gets one worker's connections to origins: from the pool, or by look-up, reach check, connect and
/// TLS handshake. One thread; `settings`, `resolver` and `tls` are shared and outlive it.
class Connector {
 public:
  Connector(net::Worker& worker, net::Resolver& resolver, net::TlsContext& tls,
            const Settings& settings);

  /// A connection to the origin of `url`; with `fresh` not one from the pool. `cancel` may be null.
  /// Errors of Resolver::resolve(), net::dial() and Stream::handshake(); address_refused.
  [[nodiscard]] awaitable<Result<Connection>> connect(const Url& url, bool fresh,
                                                      net::CancelSignal* cancel);

  [[nodiscard]] ConnectionPool& pool() noexcept { return pool_; }

 private:
  net::Worker& worker_;
  net::Resolver& resolver_;
  net::TlsContext& tls_;
  const Settings& settings_;
  ConnectionPool pool_;
};

}  // namespace sluice::upstream
