#include "sluice/access/password.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "sluice/core/text.hpp"

namespace sluice::access {
namespace {

/// SHA-256, so that two passwords of any length are compared over equal lengths.
std::array<unsigned char, 32> digest(std::string_view text) {
  std::array<unsigned char, 32> out{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

}  // namespace

Password::Password(std::string_view password) {
  if (!password.empty()) digest_ = digest(password);
}

bool Password::matches(std::string_view candidate) const {
  if (!digest_) return true;
  const auto theirs = digest(candidate);
  return CRYPTO_memcmp(theirs.data(), digest_->data(), theirs.size()) == 0;
}

bool Password::allows(const Query& query, const http::HeaderList& headers) const {
  if (!digest_) return true;
  if (const auto value = query.get("api_password"); value && matches(*value)) return true;
  if (const auto value = headers.get("api_password"); value && matches(*value)) return true;
  constexpr std::string_view kBearer = "Bearer ";
  const auto authorization = headers.value("Authorization");
  return istarts_with(authorization, kBearer) &&
         matches(trim(authorization.substr(kBearer.size())));
}

}  // namespace sluice::access
