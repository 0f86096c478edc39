#include "sluice/access/public_base.hpp"

#include <algorithm>
#include <optional>

#include "sluice/access/forwarded.hpp"
#include "sluice/core/text.hpp"

namespace sluice::access {
namespace {

/// The first element of a comma list; the outermost proxy wrote it.
std::string_view first_of(const http::HeaderList& headers, std::string_view name) {
  const auto value = headers.value(name);
  return trim(value.substr(0, value.find(',')));
}

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
}

bool has_port(std::string_view host) {
  const auto colon = host.rfind(':');
  return colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
}

/// "http" or "https" as the proxy next to the client says; empty when nobody says.
std::string_view claimed_scheme(const http::HeaderList& headers) {
  for (const std::string_view name :
       {"X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Url-Scheme"}) {
    const auto scheme = first_of(headers, name);
    if (iequals(scheme, "https")) return "https";
    if (iequals(scheme, "http")) return "http";
  }
  return iequals(first_of(headers, "X-Forwarded-Ssl"), "on") ? "https" : "";
}

/// What the headers say, as far as it is sound; empty parts: nothing.
struct Claims {
  bool https = false;
  std::string host;
};

Claims claims_of(const http::HeaderList& headers, std::string_view local) {
  std::string_view scheme = claimed_scheme(headers);
  std::string host(first_of(headers, "X-Forwarded-Host"));
  if (scheme.empty() || !is_host(host)) {
    if (const auto elements = parse_forwarded(headers)) {
      const auto& nearest = elements->front();
      if (scheme.empty() && iequals(nearest.proto, "https")) scheme = "https";
      if (!is_host(host)) host = nearest.host;
    }
  }
  if (!is_host(host)) host = headers.value("Host");
  if (!is_host(host)) host = local;
  return {scheme == "https", std::move(host)};
}

}  // namespace

bool is_path_prefix(std::string_view text) noexcept {
  return text.starts_with('/') && !text.starts_with("//") &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 0x7f &&
                  std::string_view("\"<>\\^`{|}?#").find(c) == std::string_view::npos;
         });
}

std::string public_base(const http::HeaderList& headers, std::string_view local,
                        const PublicAddress& configured) {
  if (!configured.url.empty()) return configured.url;
  const auto [https, host] = claims_of(headers, local);
  std::string base = https ? "https://" : "http://";
  base += host;
  const auto port = parse_u64(first_of(headers, "X-Forwarded-Port"));
  if (port && *port >= 1 && *port <= 65535 && !has_port(host) && *port != (https ? 443u : 80u)) {
    base += ':' + std::to_string(*port);
  }
  auto prefix = first_of(headers, "X-Forwarded-Prefix");
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  base += is_path_prefix(prefix) ? prefix : std::string_view(configured.path);
  return base;
}

}  // namespace sluice::access
