#pragma once

#include "sluice/net/tls.hpp"
#include "sluice/upstream/own_listeners.hpp"
#include "sluice/upstream/transport_routes.hpp"

namespace sluice::upstream {

/// What the connectors of all workers share: the way to each URL, the addresses that are our own,
/// and the TLS sessions, apart for checked and unchecked certificates. Any thread.
class Transport {
 public:
  /// Settings that SourcedSettings accepted; throws std::logic_error for others.
  Transport(const Settings& settings, const ProxySettings& proxy)
      : routes_(TransportRoutes::make(proxy, settings.verify_tls).value()),
        checked_({settings.verify_tls, settings.ca_file}),
        unchecked_({false, {}}) {}

  [[nodiscard]] const TransportRoutes& routes() const noexcept { return routes_; }
  /// Nothing is dialled directly that leads there.
  [[nodiscard]] const OwnListeners& own_listeners() const noexcept { return own_listeners_; }
  /// Before the workers start.
  void add_own_listener(const tcp::endpoint& bound) { own_listeners_.add(bound); }
  /// For origins. Without `verify` any certificate will do.
  [[nodiscard]] net::TlsContext& tls(bool verify) noexcept {
    return verify ? checked_ : unchecked_;
  }
  /// For proxies, which carry our credentials: a route's verify_ssl is about its origins only.
  [[nodiscard]] net::TlsContext& proxy_tls() noexcept { return checked_; }

 private:
  TransportRoutes routes_;
  OwnListeners own_listeners_;
  net::TlsContext checked_;
  net::TlsContext unchecked_;
};

}  // namespace sluice::upstream
