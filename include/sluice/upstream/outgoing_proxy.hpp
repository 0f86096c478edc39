#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/net/proxy_dialogue.hpp"

namespace sluice::upstream {

/// What an outgoing proxy speaks, and who looks up the names of origins.
enum class ProxyKind : std::uint8_t {
  http,     ///< CONNECT for https origins, absolute-form for http ones; the proxy looks up
  https,    ///< the same inside TLS with the proxy
  socks4,   ///< we look up; IPv4 only
  socks4a,  ///< the proxy looks up
  socks5,   ///< we look up
  socks5h,  ///< the proxy looks up
};

/// As in a URL: "socks5h".
[[nodiscard]] std::string_view to_string(ProxyKind kind) noexcept;

/// One outgoing proxy.
struct OutgoingProxy {
  ProxyKind kind = ProxyKind::http;
  std::string host;  ///< lower case; an IPv6 address without brackets
  std::uint16_t port = 0;
  net::ProxyLogin login;

  /// Names of origins go to the proxy, unresolved.
  [[nodiscard]] bool looks_up() const noexcept {
    return kind != ProxyKind::socks4 && kind != ProxyKind::socks5;
  }
  /// Takes requests for http origins as they are, without a tunnel.
  [[nodiscard]] bool forwards_http() const noexcept {
    return kind == ProxyKind::http || kind == ProxyKind::https;
  }
  friend bool operator==(const OutgoingProxy&, const OutgoingProxy&) = default;
};

/// "scheme://[user:password@]host[:port]" with percent-encoding in user and password. Without port:
/// 80 for http, 443 for https, 1080 for the others. bad_url (origin client) with a context that
/// says what is wrong and holds nothing of the URL.
[[nodiscard]] Result<OutgoingProxy> parse_proxy_url(std::string_view url);

/// The URL with what may be a user and password replaced by asterisks, for listings; still one that
/// parse_proxy_url() takes when `url` is.
[[nodiscard]] std::string mask_proxy_url(std::string_view url);

}  // namespace sluice::upstream
