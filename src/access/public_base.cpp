#include "sluice/access/public_base.hpp"

#include <algorithm>
#include <optional>

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

bool is_prefix(std::string_view text) {
  return text.starts_with('/') && !text.starts_with("//") &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 0x7f &&
                  std::string_view("\"<>\\^`{|}?#").find(c) == std::string_view::npos;
         });
}

bool has_port(std::string_view host) {
  const auto colon = host.rfind(':');
  return colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
}

}  // namespace

std::string public_base(const http::HeaderList& headers, std::string_view local) {
  const bool https = iequals(first_of(headers, "X-Forwarded-Proto"), "https");
  auto host = first_of(headers, "X-Forwarded-Host");
  if (!is_host(host)) host = headers.value("Host");
  if (!is_host(host)) host = local;
  std::string base = https ? "https://" : "http://";
  base += host;
  const auto port = parse_u64(first_of(headers, "X-Forwarded-Port"));
  if (port && *port >= 1 && *port <= 65535 && !has_port(host) && *port != (https ? 443u : 80u)) {
    base += ':' + std::to_string(*port);
  }
  auto prefix = first_of(headers, "X-Forwarded-Prefix");
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (is_prefix(prefix)) base += prefix;
  return base;
}

}  // namespace sluice::access
