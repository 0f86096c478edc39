#pragma once

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sluice::access {

struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using CipherPtr = std::unique_ptr<EVP_CIPHER, FreeCipher>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

/// OpenSSL fails here only for a lack of memory or of the algorithm itself.
inline void require_openssl(bool succeeded) {
  if (!succeeded) throw std::runtime_error("OpenSSL refuses to encrypt tokens");
}

/// A cipher by OpenSSL's name for it. To be fetched once: it costs more than a use of it.
[[nodiscard]] inline CipherPtr fetch_cipher(const char* name) {
  CipherPtr cipher(EVP_CIPHER_fetch(nullptr, name, nullptr));
  require_openssl(cipher != nullptr);
  return cipher;
}

[[nodiscard]] inline CipherContext new_cipher_context() {
  CipherContext context(EVP_CIPHER_CTX_new());
  require_openssl(context != nullptr);
  return context;
}

/// OpenSSL counts bytes as unsigned char.
[[nodiscard]] inline const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}
[[nodiscard]] inline unsigned char* bytes_of(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace sluice::access
