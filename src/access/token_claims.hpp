#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/access/token.hpp"

namespace sluice::access {

/// The claims in the plaintext of a legacy token: either one flat object of parameters with `exp`
/// and `ip` among them, or, when it has a `destination`, objects of parameters, request headers and
/// response headers. Members that are no strings become what they would be in a query; null is as
/// good as absent. nullopt when it is neither, or `exp` or `ip` are no integer and no address.
[[nodiscard]] std::optional<TokenClaims> read_legacy_payload(std::string_view json);
/// The flat form, spaced and escaped as other servers do it. See TokenCodec::encode().
[[nodiscard]] std::string write_legacy_payload(const TokenClaims& claims);

/// The claims in the plaintext of a v2 token: {"q": a query string, "exp": integer, "ip": address,
/// "scope": path}, each of them optional. nullopt for anything else: what a token of a later
/// version restricts must not be ignored.
[[nodiscard]] std::optional<TokenClaims> read_v2_payload(std::string_view json);
[[nodiscard]] std::string write_v2_payload(const TokenClaims& claims);

}  // namespace sluice::access
