#include "token_seal.hpp"

#include <cstdint>

namespace sluice::access {
namespace {

/// The associated data, and the salt: all instances with one password must agree on the key.
constexpr std::string_view kContext = "sluice token v2";
constexpr std::size_t kTag = 16;

// RFC 7914, 2: cost, block size, parallelisation.
constexpr std::uint64_t kCost = 1 << 14;
constexpr std::uint64_t kBlockSize = 8;
constexpr std::uint64_t kParallel = 1;
constexpr std::uint64_t kMaxMemory = 64 * 1024 * 1024;

}  // namespace

TokenSeal::TokenSeal(std::string_view password) : cipher_(fetch_cipher("AES-256-SIV")) {
  require_openssl(EVP_PBE_scrypt(password.data(), password.size(), bytes_of(kContext),
                                 kContext.size(), kCost, kBlockSize, kParallel, kMaxMemory,
                                 key_.data(), key_.size()) == 1);
}

std::string TokenSeal::seal(std::string_view plaintext) const {
  std::string sealed(kTag + plaintext.size(), '\0');
  const auto context = new_cipher_context();
  int size = 0;
  require_openssl(
      EVP_EncryptInit_ex2(context.get(), cipher_.get(), key_.data(), nullptr, nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(kContext),
                        static_cast<int>(kContext.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(sealed) + kTag, &size, bytes_of(plaintext),
                        static_cast<int>(plaintext.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag, sealed.data()) == 1);
  return sealed;
}

std::optional<std::string> TokenSeal::open(std::string_view sealed) const {
  if (sealed.size() <= kTag) return std::nullopt;
  std::string tag(sealed.substr(0, kTag));  // OpenSSL wants it writable
  const auto ciphertext = sealed.substr(kTag);
  std::string plaintext(ciphertext.size(), '\0');
  const auto context = new_cipher_context();
  int size = 0;
  const bool authentic =
      EVP_DecryptInit_ex2(context.get(), cipher_.get(), key_.data(), nullptr, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(kContext),
                        static_cast<int>(kContext.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes_of(plaintext), &size, bytes_of(ciphertext),
                        static_cast<int>(ciphertext.size())) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_of(plaintext) + size, &size) == 1;
  if (!authentic) return std::nullopt;
  return plaintext;
}

}  // namespace sluice::access
