#include "sluice/http/header_policy.hpp"

#include <algorithm>
#include <array>

#include "sluice/core/text.hpp"
#include "sluice/http/head_guard.hpp"

namespace sluice::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kHopByHop = {"connection"sv,          "keep-alive"sv, "proxy-connection"sv,
                                  "proxy-authorization"sv, "te"sv,         "trailer"sv,
                                  "transfer-encoding"sv,   "upgrade"sv,    "content-length"sv};

constexpr std::array kToClient = {
    "accept-ranges"sv,    "content-type"sv,  "content-length"sv,
    "content-range"sv,    "last-modified"sv, "etag"sv,
    "cache-control"sv,    "expires"sv,       "retry-after"sv,
    "content-encoding"sv,
};

/// What a browser keeps beyond the response, or goes elsewhere for, and what would loosen our own
/// protection of the page.
constexpr std::array kNeverSet = {
    "date"sv,
    "x-content-type-options"sv,
    "content-security-policy"sv,
    "set-cookie"sv,
    "strict-transport-security"sv,
    "clear-site-data"sv,
    "refresh"sv,
    "location"sv,
    "alt-svc"sv,
    "set-cookie2"sv,
    "service-worker-allowed"sv,
    "referrer-policy"sv,
    "report-to"sv,
    "reporting-endpoints"sv,
    "nel"sv,
    "x-request-id"sv,
    "server-timing"sv,
    "timing-allow-origin"sv,
};

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& names, std::string_view name) noexcept {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return iequals(known, name); });
}

}  // namespace

bool is_hop_by_hop(std::string_view name) noexcept {
  return contains(kHopByHop, name);
}

bool passes_to_client(std::string_view name) noexcept {
  return contains(kToClient, name);
}

bool may_send_upstream(std::string_view name, std::string_view value) noexcept {
  return is_token(name) && is_field_value(value) && !is_hop_by_hop(name);
}

bool may_set_on_response(std::string_view name, std::string_view value) noexcept {
  return is_token(name) && is_field_value(value) && !is_hop_by_hop(name) &&
         !contains(kNeverSet, name) && !istarts_with(name, "access-control-");
}

}  // namespace sluice::http
