#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_cipher_ctx_st;  // OpenSSL's

namespace sluice::cenc {

/// Decrypts NAL units and audio frames as Apple's "MPEG-2 Stream Encryption Format for HTTP Live
/// Streaming" has them encrypted: parts of each by AES-128 in CBC mode, from the same IV on.
class SampleAesCipher {
 public:
  /// `key` and `iv` have 16 bytes each; anything else is a programming error. Throws
  /// std::runtime_error when OpenSSL lacks memory or the algorithm.
  SampleAesCipher(std::string_view key, std::string_view iv);
  SampleAesCipher(SampleAesCipher&&) noexcept;
  SampleAesCipher& operator=(SampleAesCipher&&) noexcept;
  ~SampleAesCipher();

  /// Decrypts a NAL unit of H.264 in place: without start code, without trailing zero bytes. Its
  /// size afterwards, in bytes: the emulation prevention around the ciphertext is taken off. Kinds
  /// that are never encrypted, and short ones, stay as they are.
  [[nodiscard]] std::size_t decrypt_nal(std::span<char> nal);

  /// Decrypts a frame of AAC, AC-3 or E-AC-3 in place, or as much of it as is there. `head_size`
  /// is that of the ADTS header; 0 for the others.
  void decrypt_frame(std::span<char> frame, std::size_t head_size);

 private:
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const noexcept;
  };
  void restart();
  /// Whole blocks, in place.
  void decrypt(std::span<char> blocks);
  void decrypt_pattern(std::span<char> bytes);

  std::unique_ptr<evp_cipher_ctx_st, FreeContext> context_;
  std::string iv_;
};

}  // namespace sluice::cenc
