#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/core/error.hpp"
#include "sluice/core/query.hpp"

namespace sluice::access {

/// What a token says.
struct TokenClaims {
  /// The request's parameters (`d`, `h_...`, ...), decoded; never `exp` or `ip`.
  Query parameters;
  /// Unix time in seconds; the token is still good in that very second.
  std::optional<std::int64_t> expires;
  /// The only client that may use it; an IPv4 address is never written as an IPv6 one here.
  std::optional<boost::asio::ip::address> client;
  /// The paths it is good for: this one, and those that continue it behind '/' or '.'. Empty: all.
  /// Legacy tokens have none.
  std::string scope;
};

enum class TokenVersion : std::uint8_t {
  legacy,  ///< AES-256-CBC under the padded password, as other servers of this API make them
  v2,      ///< authenticated: AES-SIV (RFC 5297) under a key derived from the password
};

struct Token {
  TokenVersion version;
  TokenClaims claims;
};

}  // namespace sluice::access
