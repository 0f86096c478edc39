#include "token_cipher.hpp"

#include <openssl/hmac.h>

#include <algorithm>
#include <cstdint>

namespace sluice::access {
namespace {

using Mac = std::array<unsigned char, 32>;

Mac hmac_sha256(const unsigned char* key, std::size_t key_size, std::string_view message) {
  Mac mac{};
  unsigned size = 0;
  require_openssl(HMAC(EVP_sha256(), key, static_cast<int>(key_size), bytes_of(message),
                       message.size(), mac.data(), &size) != nullptr &&
                  size == mac.size());
  return mac;
}

/// All ones when a < b, otherwise 0; both below 2^31.
constexpr std::uint32_t mask_less(std::uint32_t a, std::uint32_t b) noexcept {
  return 0U - ((a - b) >> 31U);
}

/// Finds where the PKCS#7 padding of whole blocks begins; where it is none, the plaintext is not
/// sound and has them all. No branch and no address depends on what the bytes are.
void find_padding(LegacyCipher::Opened& opened) noexcept {
  const auto at_end = [&](std::uint32_t i) -> std::uint32_t {
    return static_cast<unsigned char>(opened.blocks[opened.blocks.size() - i]);
  };
  const std::uint32_t length = at_end(1);
  std::uint32_t wrong = mask_less(length, 1) | mask_less(LegacyCipher::kBlock, length);
  for (std::uint32_t i = 1; i <= LegacyCipher::kBlock; ++i) {
    wrong |= mask_less(i, length + 1) & (at_end(i) ^ length);
  }
  const std::uint32_t right = mask_less(wrong & 0xffU, 1);
  opened.size = opened.blocks.size() - (length & right);
  opened.sound &= (right & 1U) != 0;
}

}  // namespace

LegacyCipher::LegacyCipher(std::string_view password) : cipher_(fetch_cipher("AES-256-CBC")) {
  key_.fill(' ');
  std::copy_n(password.begin(), std::min(password.size(), key_.size()), key_.begin());
  iv_key_ = hmac_sha256(key_.data(), key_.size(), "sluice token initialisation vector");
}

std::string LegacyCipher::seal(std::string_view plaintext) const {
  // Not random but a keyed function of the plaintext: equal claims are to give equal tokens, so
  // that the addresses in a live playlist stay the same over its refreshes. It tells an observer no
  // more than that two tokens say the same.
  const Mac iv = hmac_sha256(iv_key_.data(), iv_key_.size(), plaintext);
  std::string sealed(iv.begin(), iv.begin() + kBlock);
  sealed.resize(kBlock + (plaintext.size() / kBlock + 1) * kBlock);
  const auto context = new_cipher_context();
  int body = 0;
  int rest = 0;
  require_openssl(
      EVP_EncryptInit_ex2(context.get(), cipher_.get(), key_.data(), iv.data(), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(sealed) + kBlock, &body, bytes_of(plaintext),
                        static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes_of(sealed) + kBlock + body, &rest) == 1);
  return sealed;
}

LegacyCipher::Opened LegacyCipher::open(std::string_view sealed) const {
  const bool whole = sealed.size() >= 2 * kBlock && sealed.size() % kBlock == 0;
  const std::string stand_in(whole ? 0 : (sealed.size() / kBlock + 2) * kBlock, '\0');
  if (!whole) sealed = stand_in;
  Opened opened{std::string(sealed.size() - kBlock, '\0'), 0, whole};
  const auto context = new_cipher_context();
  int size = 0;
  opened.sound &= EVP_DecryptInit_ex2(context.get(), cipher_.get(), key_.data(), bytes_of(sealed),
                                      nullptr) == 1;
  // The padding is looked at below: OpenSSL would answer sooner when it is wrong.
  opened.sound &= EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1;
  opened.sound &=
      EVP_DecryptUpdate(context.get(), bytes_of(opened.blocks), &size, bytes_of(sealed) + kBlock,
                        static_cast<int>(opened.blocks.size())) == 1;
  find_padding(opened);
  return opened;
}

}  // namespace sluice::access
