#include "sluice/access/token_codec.hpp"

#include <algorithm>
#include <stdexcept>

#include "sluice/access/password.hpp"
#include "sluice/access/trusted_proxies.hpp"
#include "sluice/core/destination.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"
#include "token_cipher.hpp"
#include "token_claims.hpp"
#include "token_seal.hpp"

namespace sluice::access {
namespace {

/// No legacy token holds a '.'.
constexpr std::string_view kV2Prefix = "2.";

Error invalid() {
  return client_error(Errc::invalid_token);
}

std::string seal_legacy(const LegacyCipher& cipher, const TokenClaims& claims) {
  return base64url_encode(cipher.seal(write_legacy_payload(claims)));
}

bool names_password(const Query& parameters, const Password& password) {
  const auto candidate = parameters.get("api_password");
  return candidate && password.matches(*candidate);
}

/// Whether somebody who knows the password would have put these parameters into a token.
bool is_plausible(const Query& parameters, const Password& password) {
  bool has_destination = false;
  for (const std::string_view name : {"d", "init_url", "segment_url"}) {
    const auto value = parameters.get_nonempty(name);
    if (!value) continue;
    if (!parse_destination(*value)) return false;
    has_destination = true;
  }
  return has_destination || names_password(parameters, password);
}

/// Whoever holds a token can change its first block through the initialisation vector, which
/// nothing protects. Turning the name "api_password" in front of the password into that of a header
/// would have us send the password back, or to the origin; an escape could write such a name, too.
bool may_show_password(std::string_view plaintext) {
  constexpr std::size_t kBlock = 16;
  const auto start = ascii_lower(plaintext.substr(0, kBlock));
  for (const std::string_view sign : {"\"h_", "\"r_", "\"rp_", "\\"}) {
    if (start.find(sign) != std::string::npos) return true;
  }
  return false;
}

/// Whether `scope` is `path`, or `path` goes on behind it with '/' or '.'.
bool covers(std::string_view scope, std::string_view path) {
  if (!path.starts_with(scope)) return false;
  const auto rest = path.substr(scope.size());
  return scope.empty() || rest.empty() || rest.front() == '/' || rest.front() == '.';
}

}  // namespace

struct TokenCodec::Keys {
  explicit Keys(std::string_view word) : password(word), legacy(word), v2(word) {}

  [[nodiscard]] Result<Token> decode_legacy(std::string_view text) const;
  [[nodiscard]] Result<Token> decode_v2(std::string_view text) const;

  Password password;
  LegacyCipher legacy;
  TokenSeal v2;
};

Result<Token> TokenCodec::Keys::decode_legacy(std::string_view text) const {
  // A forger must not learn which padding was right, from the time either: whatever is wrong with
  // the token, something of its size is decrypted and parsed, and only then is it refused.
  const auto bytes = base64_decode(text);
  const std::string stand_in(bytes ? 0 : text.size() / 4 * 3, '\0');
  const auto opened = legacy.open(bytes ? *bytes : stand_in);
  auto claims = read_legacy_payload(opened.plaintext());
  const bool plausible = claims && is_plausible(claims->parameters, password);
  const bool known = claims && names_password(claims->parameters, password);
  // Our own tokens: their vector follows from the text, so nobody has changed it.
  const bool own = bytes && legacy.seal(opened.plaintext()) == *bytes;
  const bool safe = (int{known} | int{own} | int{!may_show_password(opened.plaintext())}) != 0;
  // Not &&, which would leave out what is behind it.
  const bool good = (int{bytes.has_value()} & int{opened.sound} & int{plausible} & int{safe}) != 0;
  if (!good) return invalid();
  return Token{TokenVersion::legacy, *std::move(claims)};
}

Result<Token> TokenCodec::Keys::decode_v2(std::string_view text) const {
  const auto bytes = base64_decode(text);
  // base64 leaves bits unused in its last character; a token has one spelling.
  if (!bytes || base64url_encode(*bytes) != text) return invalid();
  const auto plaintext = v2.open(*bytes);
  if (!plaintext) return invalid();
  auto claims = read_v2_payload(*plaintext);
  if (!claims) return invalid();
  return Token{TokenVersion::v2, *std::move(claims)};
}

TokenCodec::TokenCodec(std::string_view password) {
  if (password.empty()) throw std::invalid_argument("tokens need a password");
  keys_ = std::make_unique<const Keys>(password);
}

TokenCodec::~TokenCodec() = default;
TokenCodec::TokenCodec(TokenCodec&&) noexcept = default;
TokenCodec& TokenCodec::operator=(TokenCodec&&) noexcept = default;

Result<Token> TokenCodec::decode(std::string_view text) const {
  if (text.size() > kMaxLength) return invalid();
  if (!text.starts_with(kV2Prefix)) return keys_->decode_legacy(text);
  return keys_->decode_v2(text.substr(kV2Prefix.size()));
}

std::string TokenCodec::encode(const TokenClaims& claims, TokenVersion version) const {
  if (version == TokenVersion::legacy) return seal_legacy(keys_->legacy, claims);
  return std::string(kV2Prefix) + base64url_encode(keys_->v2.seal(write_v2_payload(claims)));
}

std::string encode_legacy_token(std::string_view password, const TokenClaims& claims) {
  return seal_legacy(LegacyCipher(password), claims);
}

Result<> check_claims(const Token& token, std::int64_t now_unix,
                      const std::optional<boost::asio::ip::address>& client,
                      std::string_view path) {
  const TokenClaims& claims = token.claims;
  if (claims.expires && *claims.expires < now_unix) return invalid();
  if (claims.client && (!client || plain_address(*client) != plain_address(*claims.client))) {
    return invalid();
  }
  if (!covers(claims.scope, path)) return invalid();
  return {};
}

}  // namespace sluice::access
