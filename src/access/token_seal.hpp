#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "openssl_cipher.hpp"

namespace sluice::access {

/// AES-256-SIV (RFC 5297) under a key that scrypt (RFC 7914) makes of the password: nobody without
/// the password makes or alters what open() accepts. Const members are safe on several threads.
class TokenSeal {
 public:
  /// Takes some 40 ms and 16 MiB.
  explicit TokenSeal(std::string_view password);

  /// 16 bytes that authenticate, and serve as initialisation vector, then as many bytes as
  /// `plaintext` has; the same ones for the same plaintext.
  [[nodiscard]] std::string seal(std::string_view plaintext) const;
  /// Undoes seal(); nullopt for anything else, and for an empty plaintext.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed) const;

 private:
  std::array<unsigned char, 64> key_{};
  CipherPtr cipher_;
};

}  // namespace sluice::access
