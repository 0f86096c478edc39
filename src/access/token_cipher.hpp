#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "openssl_cipher.hpp"

namespace sluice::access {

/// AES-256-CBC with PKCS#7 padding under the password itself, padded with spaces or cut to 32
/// bytes, as other servers of this API encrypt their tokens. Const members are safe on several
/// threads.
class LegacyCipher {
 public:
  static constexpr std::size_t kBlock = 16;

  explicit LegacyCipher(std::string_view password);

  /// Initialisation vector and ciphertext; the same ones for the same plaintext.
  [[nodiscard]] std::string seal(std::string_view plaintext) const;

  struct Opened {
    std::string blocks;
    std::size_t size;  ///< of the plaintext, which is followed by its padding
    bool sound;        ///< size and padding are right; the plaintext is meaningless otherwise

    [[nodiscard]] std::string_view plaintext() const { return {blocks.data(), size}; }
  };
  /// Undoes seal() of any initialisation vector. Does the same work whether or not `sealed` is
  /// sound; the caller is to treat the plaintext alike too before it looks at `sound`, or the time
  /// it takes tells a forger which padding was right.
  [[nodiscard]] Opened open(std::string_view sealed) const;

 private:
  std::array<unsigned char, 32> key_{};
  std::array<unsigned char, 32> iv_key_{};
  CipherPtr cipher_;
};

}  // namespace sluice::access
