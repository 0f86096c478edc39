#include "sluice/upstream/transport_routes.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "sluice/core/text.hpp"

namespace sluice::upstream {
namespace {

constexpr auto npos = std::string_view::npos;

Error bad(std::string why) {
  return client_error(Errc::bad_request, std::move(why));
}

/// Empty when `text` is no IPv6 address.
std::string canonical_ipv6(const std::string& text) {
  in6_addr address;
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return {};
  return inet_ntop(AF_INET6, &address, out.data(), out.size());
}

bool is_host_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_name(std::string_view host) noexcept {
  return !host.empty() && host.front() != '.' && host.find("..") == npos &&
         std::all_of(host.begin(), host.end(), is_host_char);
}

struct HostAndPort {
  std::string host;  ///< lower case; an IPv6 address in brackets
  std::optional<std::uint16_t> port;
};

Result<HostAndPort> split_port(std::string_view authority) {
  const bool literal = authority.starts_with('[');
  const auto host_end = literal ? authority.find(']') : authority.find(':');
  if (literal && host_end == npos) return bad("an IPv6 address without its ]");
  const auto size = std::min(literal ? host_end + 1 : host_end, authority.size());
  HostAndPort out{ascii_lower(authority.substr(0, size)), std::nullopt};
  const auto rest = authority.substr(size);
  if (rest.empty()) return out;
  const auto port = rest.front() == ':' ? parse_u64(rest.substr(1)) : std::nullopt;
  if (!port || *port == 0 || *port > 65535) return bad("a port outside 1..65535");
  out.port = static_cast<std::uint16_t>(*port);
  return out;
}

}  // namespace

std::string_view canonical_host(const std::string& host, std::string& space) {
  if (host.find(':') != std::string::npos) {
    space = canonical_ipv6(host);
    return space;
  }
  std::string_view name = host;
  if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
  return name;
}

Result<RoutePattern> RoutePattern::parse(std::string_view text) {
  RoutePattern out;
  const auto scheme_end = text.find("://");
  if (scheme_end == npos) return bad("no ://");
  out.scheme_ = ascii_lower(text.substr(0, scheme_end));
  if (out.scheme_ != "http" && out.scheme_ != "https" && out.scheme_ != "all") {
    return bad("a scheme other than http, https and all");
  }
  if (out.scheme_ == "all") out.scheme_.clear();
  text.remove_prefix(scheme_end + 3);
  if (text.find_first_of("?#") != npos) return bad("a query or fragment, which plays no part");
  const auto path_start = std::min(text.find('/'), text.size());
  if (text.size() - path_start > 1) out.path_ = text.substr(path_start);
  text = text.substr(0, path_start);
  if (text.find('@') != npos) return bad("a user before the host, which plays no part");
  auto authority = split_port(text);
  if (!authority) return std::move(authority).error();
  out.port_ = authority->port;
  out.host_ = std::move(authority->host);
  if (out.host_.empty() || out.host_ == "*") {
    out.host_.clear();
    return out;
  }
  if (out.host_.front() == '[') {
    out.host_ = canonical_ipv6(out.host_.substr(1, out.host_.size() - 2));
    if (out.host_.empty()) return bad("a malformed IPv6 address");
    out.kind_ = Host::exact;
    return out;
  }
  const bool below = out.host_.starts_with("*.");
  out.kind_ = below ? Host::below : Host::exact;
  if (below) out.host_.erase(0, 2);
  if (out.host_.size() > 1 && out.host_.ends_with('.')) out.host_.pop_back();
  if (!is_name(out.host_)) {
    return bad("a host that is no name, address, *.name, * or nothing (other alphabets: xn--)");
  }
  return out;
}

bool RoutePattern::matches_host(std::string_view host) const noexcept {
  if (kind_ == Host::any || host == host_) return true;
  return kind_ == Host::below && host.size() > host_.size() && host.ends_with(host_) &&
         host[host.size() - host_.size() - 1] == '.';
}

/// Whole segments only: "/v1" is for /v1 and /v1/x, not for /v10.
bool RoutePattern::matches_path(std::string_view path) const noexcept {
  if (!path.starts_with(path_)) return false;
  return path_.empty() || path_.back() == '/' || path.size() == path_.size() ||
         path[path_.size()] == '/';
}

bool RoutePattern::matches(const Url& url, std::string_view host) const noexcept {
  return (scheme_.empty() || scheme_ == url.scheme()) && (!port_ || *port_ == url.port()) &&
         matches_host(host) && matches_path(url.path());
}

bool RoutePattern::before(const RoutePattern& other) const noexcept {
  const auto rank = [](const RoutePattern& p) {
    const auto wildcard = p.kind_ == Host::below ? p.host_.size() : 0;
    return std::tuple(p.kind_, ~wildcard, !p.port_, ~p.path_.size(), p.scheme_.empty());
  };
  return rank(*this) < rank(other);
}

Result<TransportRoutes> TransportRoutes::make(const ProxySettings& settings, bool verify_tls) {
  TransportRoutes out;
  out.verify_tls_ = verify_tls;
  auto default_proxy = out.number_of(settings.proxy_url);
  if (!default_proxy) return std::move(default_proxy).error();
  if (settings.all_proxy) out.default_proxy_ = *default_proxy;
  for (const auto& route : settings.transport_routes) {
    auto pattern = RoutePattern::parse(route.pattern);
    if (!pattern) return std::move(pattern).error();
    auto own = out.number_of(route.proxy_url);
    if (!own) return std::move(own).error();
    const auto proxy = route.proxy_url.empty() ? *default_proxy : *own;
    out.rules_.push_back(
        {*std::move(pattern), route.proxy ? proxy : 0, route.verify_ssl && verify_tls});
  }
  std::stable_sort(out.rules_.begin(), out.rules_.end(),
                   [](const Rule& a, const Rule& b) { return a.pattern.before(b.pattern); });
  return out;
}

Result<std::size_t> TransportRoutes::number_of(std::string_view proxy_url) {
  if (proxy_url.empty()) return std::size_t{0};
  auto proxy = parse_proxy_url(proxy_url);
  if (!proxy) return std::move(proxy).error();
  auto known = std::find(proxies_.begin(), proxies_.end(), *proxy);
  if (known == proxies_.end()) known = proxies_.insert(known, *std::move(proxy));
  return static_cast<std::size_t>(known - proxies_.begin()) + 1;
}

TransportRoutes::Route TransportRoutes::to(std::size_t proxy_number, bool verify) const noexcept {
  return {proxy_number ? &proxies_[proxy_number - 1] : nullptr, proxy_number, verify};
}

TransportRoutes::Route TransportRoutes::find(const Url& url) const {
  if (!rules_.empty()) {
    std::string space;
    const auto host = canonical_host(url.host(), space);
    for (const auto& rule : rules_) {
      if (rule.pattern.matches(url, host)) return to(rule.proxy_number, rule.verify);
    }
  }
  return to(default_proxy_, verify_tls_);
}

}  // namespace sluice::upstream
