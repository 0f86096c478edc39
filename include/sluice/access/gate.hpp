#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/access/failure_limiter.hpp"
#include "sluice/access/password.hpp"
#include "sluice/access/settings.hpp"
#include "sluice/access/token_codec.hpp"
#include "sluice/core/clock.hpp"
#include "sluice/core/query.hpp"
#include "sluice/http/header_list.hpp"

namespace sluice::access {

/// Why a request was let in, and so what the addresses derived from it have to carry.
struct Authority {
  enum class Kind : std::uint8_t {
    open,      ///< nothing was asked for
    password,  ///< it carried the password
    token,     ///< it carried a token
  };
  Kind kind = Kind::open;
  /// Of the token; the addresses derived from it get the same.
  TokenVersion version = TokenVersion::legacy;
  std::optional<std::int64_t> expires = {};
  std::optional<boost::asio::ip::address> client = {};
};

/// A path that begins with "/_token_<token>/": the token, and the path behind it ("/" when there is
/// none). Without such a beginning the token is absent and the path stays. Views into the argument.
struct TokenPath {
  std::optional<std::string_view> token;
  std::string_view path;
};
[[nodiscard]] TokenPath split_token_path(std::string_view path) noexcept;

/// Decides who may use the proxy, and makes the tokens for addresses derived from a request. Any
/// thread.
class Gate {
 public:
  explicit Gate(const Settings& settings);

  struct Request {
    const Query& query;
    const http::HeaderList& headers;
    std::optional<std::string_view> path_token;
    std::string_view path;  ///< behind the token
    const boost::asio::ip::address& client;
  };
  struct Grant {
    Authority authority;
    /// What counts instead of the query: the token's, and of the query what the token leaves open.
    std::optional<Query> parameters = {};
  };
  /// Lets a request in: by the token of its path, else by that of parameter `token`, else by the
  /// password. Errors (origin client): no_credentials, unauthorized, invalid_token,
  /// too_many_failures, and tokens_unreadable for a token where there is no password.
  [[nodiscard]] Result<Grant> admit(const Request& request, TimePoint now, std::int64_t unix_now);

  [[nodiscard]] bool password_required() const noexcept { return password_.required(); }
  /// Whether `candidate` is the password, guessed at no faster than with admit(). unauthorized
  /// (also when there is none to know), too_many_failures (origin client).
  [[nodiscard]] Result<> check_password(std::string_view candidate,
                                        const boost::asio::ip::address& client, TimePoint now);

  /// True when addresses derived from a request let in by `authority` have to be tokens.
  [[nodiscard]] bool hides(const Authority& authority) const noexcept;
  /// Such a token for `parameters`, good for the paths of `scope`. Only where hides() is true.
  [[nodiscard]] std::string derived_token(const Authority& authority, Query parameters,
                                          std::string scope) const;
  /// A token of this server's own kind. Only with a password.
  [[nodiscard]] std::string seal(const TokenClaims& claims) const;

 private:
  [[nodiscard]] Result<Grant> admit_token(std::string_view text, const Request& request,
                                          std::int64_t unix_now) const;

  const Password password_;
  const bool hide_destinations_;
  std::optional<TokenCodec> codec_;
  FailureLimiter failures_;
};

}  // namespace sluice::access
