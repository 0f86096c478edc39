#include "sluice/server/router.hpp"

#include <algorithm>
#include <ctime>

#include "sluice/core/encoding.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/server/error_reply.hpp"

namespace sluice::server {
namespace {

std::string_view allowed(Methods methods) noexcept {
  switch (methods) {
    case Methods::get: return "GET, HEAD, OPTIONS";
    case Methods::post: return "POST, OPTIONS";
    case Methods::get_or_post: break;
  }
  return "GET, HEAD, POST, OPTIONS";
}

bool answers(Methods methods, http::Method method) noexcept {
  const bool get = method == http::Method::get || method == http::Method::head;
  if (get) return methods != Methods::post;
  return method == http::Method::post && methods != Methods::get;
}

awaitable<Result<>> answer_options(Exchange& exchange, Methods methods) {
  http::HeaderList headers;
  headers.add("Allow", allowed(methods));
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

/// What the access check came to, among those who had to show something.
void count_access(net::Worker& worker, const std::optional<Errc>& refusal) {
  const auto counted = [&] {
    if (!refusal) return Count::auth_ok;
    switch (*refusal) {
      case Errc::no_credentials: return Count::auth_no_credentials;
      case Errc::unauthorized: return Count::auth_wrong_password;
      case Errc::too_many_failures: return Count::auth_too_many_failures;
      default: return Count::auth_invalid_token;
    }
  };
  worker.metrics().add(counted());
}

}  // namespace

Router::Router(std::vector<Route> routes, access::Gate& gate, std::string path_prefix)
    : routes_(std::move(routes)), gate_(gate), prefix_(std::move(path_prefix)) {
  std::stable_sort(routes_.begin(), routes_.end(), [](const Route& a, const Route& b) {
    return fixed_part(a.pattern).size() > fixed_part(b.pattern).size();
  });
}

std::string_view Router::without_prefix(std::string_view path) const noexcept {
  if (prefix_.empty() || !path.starts_with(prefix_)) return path;
  const auto rest = path.substr(prefix_.size());
  if (rest.empty()) return "/";
  return rest.front() == '/' ? rest : path;
}

Router::Found Router::find(std::string_view path) const {
  const auto split = access::split_token_path(without_prefix(path));
  Found found{nullptr, split.token, split.token ? without_prefix(split.path) : split.path, {}};
  const auto without_slash = found.path.size() > 1 && found.path.ends_with('/')
                                 ? found.path.substr(0, found.path.size() - 1)
                                 : found.path;
  for (const auto& route : routes_) {
    const auto fixed = fixed_part(route.pattern);
    if (fixed.size() == route.pattern.size()) {
      if (without_slash != fixed) continue;
    } else if (found.path.starts_with(fixed) && found.path.size() > fixed.size()) {
      found.tail = percent_decode(found.path.substr(fixed.size()));
    } else {
      continue;
    }
    found.route = &route;
    break;
  }
  return found;
}

bool Router::takes_body(const http::RequestHead& request) const {
  if (request.method != http::Method::post) return false;
  const auto* route = find(request.path()).route;
  return route && answers(route->methods, request.method);
}

Result<> Router::admit(Exchange& exchange, const Found& found) const {
  if (found.route->access == Access::open) return {};
  auto grant = gate_.admit({exchange.query(), exchange.request().headers, found.token, found.path,
                            exchange.client_address().address},
                           Clock::now(), std::time(nullptr));
  if (gate_.password_required()) {
    count_access(exchange.worker(), grant ? std::nullopt : std::optional(grant.error().code));
  }
  if (grant) {
    exchange.admit(*std::move(grant));
    return {};
  }
  if (found.route->access != Access::reported) return std::move(grant).error();
  exchange.refuse(std::move(grant).error());
  return {};
}

awaitable<Result<>> Router::dispatch(Exchange& exchange) const {
  const auto& request = exchange.request();
  auto found = find(request.path());
  if (request.method == http::Method::options) {
    co_return co_await answer_options(exchange, found.route ? found.route->methods : Methods::get);
  }
  if (!found.route) co_return client_error(Errc::not_found);
  exchange.set_route(found.route->pattern, std::move(found.tail));
  if (!answers(found.route->methods, request.method)) {
    http::HeaderList headers;
    headers.add("Allow", allowed(found.route->methods));
    co_return co_await exchange.send_error(client_error(Errc::method_not_allowed),
                                           std::move(headers));
  }
  if (auto admitted = admit(exchange, found); !admitted) co_return admitted;
  co_return co_await found.route->handler(exchange);
}

}  // namespace sluice::server
