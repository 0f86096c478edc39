#include "support/aes.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace sluice::test {
namespace {

struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string encrypt(const char* cipher, std::string_view key, std::string_view iv,
                    std::string_view plain) {
  const std::unique_ptr<EVP_CIPHER, FreeCipher> kind(EVP_CIPHER_fetch(nullptr, cipher, nullptr));
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  std::string out(plain.size() + 16, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int begun = 0;
  int ended = 0;
  const bool done =
      kind && context &&
      EVP_EncryptInit_ex(context.get(), kind.get(), nullptr, bytes_of(key), bytes_of(iv)) == 1 &&
      EVP_EncryptUpdate(context.get(), to, &begun, bytes_of(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), to + begun, &ended) == 1;
  if (!done) throw std::runtime_error("OpenSSL does not encrypt");
  out.resize(static_cast<std::size_t>(begun + ended));
  return out;
}

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

}  // namespace sluice::test
