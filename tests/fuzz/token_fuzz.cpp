#include <cstddef>
#include <cstdint>

#include "access/token_cipher.hpp"
#include "access/token_seal.hpp"
#include "fuzz/check.hpp"
#include "sluice/access/token_codec.hpp"
#include "sluice/core/encoding.hpp"

using namespace sluice;
using namespace sluice::access;
using fuzz::check;

namespace {

constexpr std::string_view kPassword = "orchid";

bool equal(const TokenClaims& a, const TokenClaims& b) {
  return a.parameters.parameters() == b.parameters.parameters() && a.expires == b.expires &&
         a.client == b.client && a.scope == b.scope;
}

void check_token(const TokenCodec& codec, std::string_view text) {
  const auto token = codec.decode(text);
  if (!token) {
    check(token.error() == client_error(Errc::invalid_token) && token.error().context.empty(),
          "all failures are alike");
    return;
  }
  check(text.size() <= TokenCodec::kMaxLength, "a token's length is bounded");
  check(token->version == TokenVersion::v2 || token->claims.scope.empty(),
        "legacy tokens have no scope");
  const std::string again = codec.encode(token->claims, token->version);
  check(codec.encode(token->claims, token->version) == again, "equal claims give equal tokens");
  if (again.size() > TokenCodec::kMaxLength) return;  // escapes may be longer than the characters
  const auto decoded = codec.decode(again);
  check(decoded.has_value() && decoded->version == token->version &&
            equal(decoded->claims, token->claims),
        "encode is undone by decode");
  check(check_claims(*token, 0, token->claims.client, token->claims.scope).has_value() ==
            (token->claims.expires.value_or(0) >= 0),
        "a token is good for the client and the path it names");
}

}  // namespace

/// Input: 'l' and the plaintext of a legacy token, 'v' and that of a v2 token, or the text of a
/// token.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TokenCodec codec(kPassword);
  static const LegacyCipher legacy(kPassword);
  static const TokenSeal v2(kPassword);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.starts_with('l')) {
    check_token(codec, base64url_encode(legacy.seal(input.substr(1))));
  } else if (input.starts_with('v')) {
    check_token(codec, "2." + base64url_encode(v2.seal(input.substr(1))));
  } else {
    check_token(codec, input);
  }
  return 0;
}
