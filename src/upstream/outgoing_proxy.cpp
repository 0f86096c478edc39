#include "sluice/upstream/outgoing_proxy.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"
#include "sluice/core/url.hpp"

namespace sluice::upstream {
namespace {

constexpr std::string_view kMask = "********";
constexpr std::size_t kMaxLogin = 255;  // RFC 1929; more than anybody needs elsewhere
constexpr std::array kKinds{ProxyKind::http,    ProxyKind::https,  ProxyKind::socks4,
                            ProxyKind::socks4a, ProxyKind::socks5, ProxyKind::socks5h};

Error bad(std::string why) {
  return client_error(Errc::bad_url, std::move(why));
}

std::optional<ProxyKind> kind_of(std::string_view scheme) noexcept {
  for (const auto kind : kKinds) {
    if (iequals(scheme, to_string(kind))) return kind;
  }
  return std::nullopt;
}

std::uint16_t default_port(ProxyKind kind) noexcept {
  if (kind == ProxyKind::http) return 80;
  return kind == ProxyKind::https ? 443 : 1080;
}

bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Result<net::ProxyLogin> parse_login(ProxyKind kind, std::string_view userinfo) {
  const auto colon = std::min(userinfo.find(':'), userinfo.size());
  net::ProxyLogin login{percent_decode(userinfo.substr(0, colon)),
                        percent_decode(userinfo.substr(std::min(colon + 1, userinfo.size())))};
  if (has_control(login.user) || has_control(login.password)) {
    return bad("a control character in user or password");
  }
  if (login.user.size() > kMaxLogin || login.password.size() > kMaxLogin) {
    return bad("a user or password of more than 255 bytes");
  }
  if (login.user.empty() && !login.password.empty()) return bad("a password without a user");
  const bool socks4 = kind == ProxyKind::socks4 || kind == ProxyKind::socks4a;
  if (socks4 && !login.password.empty()) return bad("a password, which SOCKS 4 does not know");
  if (!socks4 && login.user.find(':') != std::string::npos) {
    return bad("a colon in the user");  // RFC 7617, 2
  }
  return login;
}

}  // namespace

std::string_view to_string(ProxyKind kind) noexcept {
  switch (kind) {
    case ProxyKind::http: return "http";
    case ProxyKind::https: return "https";
    case ProxyKind::socks4: return "socks4";
    case ProxyKind::socks4a: return "socks4a";
    case ProxyKind::socks5: return "socks5";
    case ProxyKind::socks5h: break;
  }
  return "socks5h";
}

Result<OutgoingProxy> parse_proxy_url(std::string_view url) {
  const auto colon = url.find(':');
  const auto kind = kind_of(url.substr(0, colon));
  if (!kind || colon == std::string_view::npos) {
    return bad("a scheme other than http, https, socks4, socks4a, socks5 and socks5h");
  }
  // The rest follows the rules of an http URL. A port that is not written differs between the two.
  const std::string rest(url.substr(colon));
  const auto plain = Url::parse("http" + rest);
  if (!plain) return bad(plain.error().context);
  const auto secure = Url::parse("https" + rest);
  if (!secure) return bad(secure.error().context);
  if (plain->path().size() > 1 || url.find_first_of("?#") != std::string_view::npos) {
    return bad("something after host and port");
  }
  auto login = parse_login(*kind, plain->userinfo());
  if (!login) return std::move(login).error();
  const auto port = plain->port() == secure->port() ? plain->port() : default_port(*kind);
  return OutgoingProxy{*kind, plain->host(), port, *std::move(login)};
}

std::string mask_proxy_url(std::string_view url) {
  const auto at = url.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  const auto slashes = url.find("://");
  const auto start = slashes == std::string_view::npos || slashes > at ? 0 : slashes + 3;
  return std::string(url.substr(0, start)).append(kMask).append(url.substr(at));
}

}  // namespace sluice::upstream
