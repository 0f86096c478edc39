#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sluice/access/gate.hpp"
#include "sluice/server/exchange.hpp"

namespace sluice::server {

/// Answers one request. An error before the response was begun becomes an error reply; one after
/// that closes the connection.
using Handler = std::function<awaitable<Result<>>(Exchange&)>;

enum class Access : std::uint8_t {
  open,
  password,  ///< or a token
  reported,  ///< the same, but the handler is called in any case and tells of Exchange::refusal()
};

/// What a route answers besides OPTIONS.
enum class Methods : std::uint8_t {
  get,          ///< GET and HEAD
  post,         ///< POST, with the body
  get_or_post,  ///< all three
};

struct Route {
  /// A path, exact but for a trailing '/'; or one that ends in `{name}`, which stands for any
  /// non-empty rest, slashes included.
  std::string pattern;
  Access access;
  Handler handler;
  Methods methods = Methods::get;
};

/// Finds the handler of a request and checks that its client may use it. OPTIONS is answered here,
/// before any access check, for every path.
class Router {
 public:
  /// Among several matches the longest pattern wins. `gate` outlives the router. `path_prefix`
  /// ("/prefix") may stand before every path, also behind a token.
  Router(std::vector<Route> routes, access::Gate& gate, std::string path_prefix = {});

  /// Calls the handler. not_found, method_not_allowed, errors of Gate::admit() (origin client), or
  /// what the handler returns.
  [[nodiscard]] awaitable<Result<>> dispatch(Exchange& exchange) const;

  /// The handler wants the request's body.
  [[nodiscard]] bool takes_body(const http::RequestHead& request) const;

 private:
  struct Found {
    const Route* route = nullptr;
    std::optional<std::string_view> token;  ///< from the path
    std::string_view path;                  ///< without token and prefix
    std::string tail;
  };
  [[nodiscard]] Found find(std::string_view path) const;
  [[nodiscard]] std::string_view without_prefix(std::string_view path) const noexcept;
  [[nodiscard]] Result<> admit(Exchange& exchange, const Found& found) const;

  std::vector<Route> routes_;
  access::Gate& gate_;
  const std::string prefix_;
};

}  // namespace sluice::server
