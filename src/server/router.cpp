#include "sluice/server/router.hpp"

#include <algorithm>

#include "sluice/core/encoding.hpp"
#include "sluice/server/error_reply.hpp"

namespace sluice::server {
namespace {

constexpr std::string_view kMethods = "GET, HEAD, OPTIONS";

awaitable<Result<>> answer_options(Exchange& exchange) {
  http::HeaderList headers;
  headers.add("Allow", kMethods);
  headers.add("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS");
  const auto asked = exchange.request().headers.get("Access-Control-Request-Headers");
  headers.add("Access-Control-Allow-Headers", asked.value_or("*"));
  headers.add("Access-Control-Max-Age", "86400");
  co_return co_await exchange.send(204, std::move(headers), {});
}

/// The fixed part of a pattern, up to its `{name}`.
std::string_view fixed_part(std::string_view pattern) {
  return pattern.substr(0, pattern.find('{'));
}

}  // namespace

Router::Router(std::vector<Route> routes, const access::Password& password)
    : routes_(std::move(routes)), password_(password) {
  std::stable_sort(routes_.begin(), routes_.end(), [](const Route& a, const Route& b) {
    return fixed_part(a.pattern).size() > fixed_part(b.pattern).size();
  });
}

const Route* Router::find(std::string_view path, std::string& tail) const {
  const auto without_slash =
      path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  for (const auto& route : routes_) {
    const auto fixed = fixed_part(route.pattern);
    if (fixed.size() == route.pattern.size()) {
      if (without_slash == fixed) return &route;
    } else if (path.starts_with(fixed) && path.size() > fixed.size()) {
      tail = percent_decode(path.substr(fixed.size()));
      return &route;
    }
  }
  return nullptr;
}

awaitable<Result<>> Router::dispatch(Exchange& exchange) const {
  const auto& request = exchange.request();
  if (request.method == http::Method::options) co_return co_await answer_options(exchange);
  std::string tail;
  const auto* route = find(request.path(), tail);
  if (!route) co_return client_error(Errc::not_found);
  exchange.set_route(route->pattern, std::move(tail));
  if (request.method != http::Method::get && request.method != http::Method::head) {
    http::HeaderList headers;
    headers.add("Allow", kMethods);
    co_return co_await exchange.send_error(client_error(Errc::method_not_allowed),
                                           std::move(headers));
  }
  if (route->access == Access::password && !password_.allows(exchange.query(), request.headers)) {
    co_return client_error(Errc::unauthorized);
  }
  co_return co_await route->handler(exchange);
}

}  // namespace sluice::server
