#include "proxy_request.hpp"

#include <algorithm>

#include "sluice/core/destination.hpp"
#include "sluice/core/log.hpp"
#include "sluice/core/text.hpp"
#include "sluice/http/header_policy.hpp"
#include "sluice/http/range.hpp"

namespace sluice::routes {
namespace {

Result<Url> find_destination(const server::Exchange& exchange, bool tail_is_destination) {
  if (const auto d = exchange.query().get_nonempty("d")) return parse_destination(*d);
  // A token without destination is good for no destination.
  if (tail_is_destination && exchange.authority().kind != access::Authority::Kind::token) {
    if (const auto url = exchange.query().get_nonempty("url")) return parse_destination(*url);
    if (!exchange.path_tail().empty()) {
      if (auto url = parse_destination(exchange.path_tail())) return url;
    }
  }
  return client_error(Errc::bad_request, "parameter d (the URL to fetch) is missing");
}

/// The name behind a prefix like "h_", lower-cased; empty when `parameter` has another one.
std::string header_name(std::string_view parameter, std::string_view prefix) {
  return istarts_with(parameter, prefix) ? ascii_lower(parameter.substr(prefix.size()))
                                         : std::string();
}

http::HeaderList upstream_headers(const server::Exchange& exchange) {
  http::HeaderList headers;
  const auto& theirs = exchange.request().headers;
  if (const auto range = theirs.value("Range"); http::is_byte_range(range)) {
    headers.add("range", range);
    if (const auto condition = theirs.value("If-Range"); !condition.empty()) {
      headers.add("if-range", condition);
    }
  }
  for (const auto& [parameter, value] : exchange.query().parameters()) {
    const auto name = header_name(parameter, "h_");
    if (name.empty() || value.empty()) continue;
    if (http::may_send_upstream(name, value)) {
      headers.set(name, value);
    } else {
      log::debug("{} parameter h_{} is skipped: not a header that may be sent", exchange.id(),
                 name);
    }
  }
  if (const auto referrer = headers.get("referrer"); referrer && !headers.get("referer")) {
    headers.set("referer", *referrer);
    headers.remove("referrer");
  }
  return headers;
}

ResponseEdits response_edits(const Query& query) {
  ResponseEdits edits;
  if (const auto list = query.get_nonempty("x_headers")) {
    for (const auto name : split(*list, ',')) {
      if (!trim(name).empty()) edits.drop.push_back(ascii_lower(trim(name)));
    }
  }
  const auto collect = [&](std::string_view prefix, bool propagated) {
    for (const auto& [parameter, value] : query.parameters()) {
      const auto name = header_name(parameter, prefix);
      if (name.empty() || value.empty()) continue;
      if (http::may_set_on_response(name, value)) edits.set.push_back({name, value, propagated});
    }
  };
  collect("rp_", true);
  collect("r_", false);
  return edits;
}

}  // namespace

bool ResponseEdits::drops(std::string_view name) const noexcept {
  return std::any_of(drop.begin(), drop.end(),
                     [&](const std::string& dropped) { return iequals(dropped, name); });
}

void ResponseEdits::apply_to(http::HeaderList& headers, bool is_playlist) const {
  for (const auto& name : drop) headers.remove(name);
  for (const auto& [name, value, propagated] : set) {
    if (!(propagated && is_playlist)) headers.set(name, value);
  }
}

Result<ProxyRequest> parse_proxy_request(const server::Exchange& exchange,
                                         bool tail_is_destination) {
  auto destination = find_destination(exchange, tail_is_destination);
  if (!destination) return destination.error();
  return ProxyRequest{*std::move(destination), upstream_headers(exchange),
                      response_edits(exchange.query())};
}

}  // namespace sluice::routes
