#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice::upstream {

/// Which resolved addresses may be dialled.
enum class Reach : std::uint8_t {
  public_only,  ///< "public": globally routable addresses
  lan,          ///< "lan": also private and unique-local ranges
  any,  ///< "any": also loopback, link-local and everything else; for tests and local set-ups
};

/// How origins are reached. Table [upstream] of the settings file.
struct Settings {
  /// Checked on the resolved address that is then dialled, again on every redirect.
  Reach reach = Reach::lan;
  /// Name look-up and TCP connect together, per hop.
  std::chrono::milliseconds dial_timeout{10'000};
  /// TLS handshake.
  std::chrono::milliseconds tls_timeout{10'000};
  /// From the request's last byte to the end of the response head.
  std::chrono::milliseconds first_byte_timeout{30'000};
  /// Pause between two chunks of a response body. A slow client does not count.
  std::chrono::milliseconds idle_timeout{60'000};
  /// An idle connection is kept for another request this long.
  std::chrono::milliseconds pool_idle_timeout{90'000};
  /// Idle connections kept per origin and worker; 0 switches reuse off.
  unsigned pool_max_idle_per_host = 100;
  /// Requests under way to one origin at once; 0 = no limit. Those over it wait in their order.
  unsigned max_concurrent_per_host = 10;
  /// A body longer than this, or of unknown length, no longer counts once its head has arrived, so
  /// that long streams starve nobody. In bytes.
  std::uint64_t limiter_release_after = 64 * 1024 * 1024;
  /// How long a request may wait for its turn before it is answered 503.
  std::chrono::milliseconds limiter_wait{15'000};
  /// Requests that may wait for one origin; one more is answered 503.
  unsigned limiter_max_waiting = 1000;
  /// Further attempts after a failed connect, a connection lost before an answer, a 502, 503 or
  /// 504, and after each break of a body; 0 = none.
  unsigned retry_attempts = 2;
  /// Pause before such an attempt.
  std::chrono::milliseconds retry_delay{500};
  /// Continue a body that broke off with a range request.
  bool resume = true;
  /// Redirects followed per request; one more is answered 502.
  unsigned max_redirects = 10;
  /// Response head, in bytes; more is a bad response.
  std::size_t max_head_bytes = 64 * 1024;
  /// User-Agent sent when the request names none (`h_user-agent`).
  std::string user_agent =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/136.0.0.0 Safari/537.36";
  /// Check certificates and host names of https origins.
  bool verify_tls = true;
  /// PEM file of trusted certificates instead of the system's; empty means the system's.
  std::string ca_file;
  /// Threads that look up names; look-ups never run on a worker.
  unsigned dns_threads = 4;
  /// A found address is used again for this long; 0 asks each time.
  std::chrono::milliseconds dns_cache_ttl{30'000};
};

/// How the URLs of one pattern are reached.
struct RouteRule {
  /// As RoutePattern::parse() takes it: "all://*.example.com".
  std::string pattern;
  /// Through a proxy; false means directly.
  bool proxy = true;
  /// As parse_proxy_url() takes it; empty means ProxySettings::proxy_url.
  std::string proxy_url = {};
  /// Check certificates and host names of https origins.
  bool verify_ssl = true;
  friend bool operator==(const RouteRule&, const RouteRule&) = default;
};

/// Which outgoing proxies are used, and for what. Table [proxy] of the settings file.
struct ProxySettings {
  /// The proxy of routes that name none, as parse_proxy_url() takes it; empty means none.
  std::string proxy_url;
  /// Use proxy_url also for URLs without a route.
  bool all_proxy = false;
  /// In the order of their declaration.
  std::vector<RouteRule> transport_routes;
};

}  // namespace sluice::upstream
