#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sluice/access/password.hpp"
#include "sluice/server/exchange.hpp"

namespace sluice::server {

/// Answers one request. An error before the response was begun becomes an error reply; one after
/// that closes the connection.
using Handler = std::function<awaitable<Result<>>(Exchange&)>;

enum class Access : std::uint8_t { open, password };

struct Route {
  /// A path, exact but for a trailing '/'; or one that ends in `{name}`, which stands for any
  /// non-empty rest, slashes included.
  std::string pattern;
  Access access;
  Handler handler;
};

/// Finds the handler of a request. All routes answer GET and HEAD; OPTIONS is answered here, before
/// any access check, for every path.
class Router {
 public:
  /// Among several matches the longest pattern wins. `password` must outlive the router.
  Router(std::vector<Route> routes, const access::Password& password);

  /// Calls the handler. not_found, method_not_allowed, unauthorized (origin client), or what the
  /// handler returns.
  [[nodiscard]] awaitable<Result<>> dispatch(Exchange& exchange) const;

 private:
  [[nodiscard]] const Route* find(std::string_view path, std::string& tail) const;

  std::vector<Route> routes_;
  const access::Password& password_;
};

}  // namespace sluice::server
