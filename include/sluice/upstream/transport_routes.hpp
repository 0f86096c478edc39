#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/core/url.hpp"
#include "sluice/upstream/outgoing_proxy.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::upstream {

/// Which URLs a route is for: "scheme://host[:port][/path]". The scheme is http, https, or all; the
/// host a name, an address (IPv6 in brackets), "*.name" (hosts below it, and itself), or "*" or
/// nothing (every host); the path, if any, a beginning of the URL's.
class RoutePattern {
 public:
  /// bad_request (origin client) with a context that says what is wrong.
  [[nodiscard]] static Result<RoutePattern> parse(std::string_view text);

  /// `host` as canonical_host() makes it.
  [[nodiscard]] bool matches(const Url& url, std::string_view host) const noexcept;
  /// True when this pattern goes before `other`. From the strongest difference to the weakest: host
  /// and port, host, the longer wildcard, the wildcard with a port, port of any host, any host; the
  /// longer path; a scheme rather than all.
  [[nodiscard]] bool before(const RoutePattern& other) const noexcept;

 private:
  enum class Host : unsigned char { exact, below, any };

  [[nodiscard]] bool matches_host(std::string_view host) const noexcept;
  [[nodiscard]] bool matches_path(std::string_view path) const noexcept;

  std::string scheme_;  ///< empty: all
  std::string host_;    ///< of "*.name" the name
  std::string path_;    ///< empty, or from '/' on
  Host kind_ = Host::any;
  std::optional<std::uint16_t> port_;
};

/// The host of a URL so that equal hosts are equal: without a dot at its end, an IPv6 address as
/// inet_ntop() writes it. `space` is where the result may live.
[[nodiscard]] std::string_view canonical_host(const std::string& host, std::string& space);

/// How each URL is reached: directly or through which proxy, and whether its certificate is
/// checked. Immutable.
class TransportRoutes {
 public:
  struct Route {
    /// Null: directly. Lives as long as the TransportRoutes.
    const OutgoingProxy* proxy = nullptr;
    /// Equal for equal proxies (login included) and for no others; 0 for none.
    std::size_t proxy_number = 0;
    bool verify = true;
  };

  /// Directly and verified, whatever the URL.
  TransportRoutes() = default;
  /// `verify_tls` false switches every verification off. bad_url or bad_request (origin client)
  /// when a URL or a pattern cannot be used.
  [[nodiscard]] static Result<TransportRoutes> make(const ProxySettings& settings, bool verify_tls);

  /// The first route in the order of RoutePattern::before() and then of the settings; the default
  /// for a URL without one. Userinfo plays no part.
  [[nodiscard]] Route find(const Url& url) const;

 private:
  struct Rule {
    RoutePattern pattern;
    std::size_t proxy_number;
    bool verify;
  };

  [[nodiscard]] Result<std::size_t> number_of(std::string_view proxy_url);
  [[nodiscard]] Route to(std::size_t proxy_number, bool verify) const noexcept;

  std::vector<OutgoingProxy> proxies_;  ///< by number - 1
  std::vector<Rule> rules_;             ///< in the order they are tried
  std::size_t default_proxy_ = 0;
  bool verify_tls_ = true;
};

}  // namespace sluice::upstream
