#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "sluice/cenc/scheme.hpp"

namespace sluice::cenc {

/// Decrypts samples with one key, one after the other, in place, each in as many pieces as it comes
/// in. Small work is put off and done together: an AES call costs as much as 300 bytes of AES.
class SampleCipher {
 public:
  /// `key` has 16 bytes; anything else is a programming error. Throws std::runtime_error when
  /// OpenSSL lacks memory or the algorithm.
  SampleCipher(Scheme scheme, std::string_view key);
  SampleCipher(SampleCipher&&) noexcept;
  SampleCipher& operator=(SampleCipher&&) noexcept;
  ~SampleCipher();

  /// The next sample, of `size` bytes; the subsamples have to stay until its end. `pattern` is that
  /// of cens and cbcs, and of no meaning for the others.
  void begin(const SampleEncryption& sample, std::uint64_t size, Pattern pattern) noexcept;

  /// Decrypts the next bytes of the sample. How many of them are done with: all but the beginning
  /// of a block, fewer than 16 bytes, which is to be given again with what follows it. What is
  /// done with may not be read, moved or freed before flush().
  [[nodiscard]] std::size_t decrypt(std::span<char> bytes);

  /// Does what was put off. Also between samples, and as often as one likes.
  void flush();

 private:
  class Aes;

  [[nodiscard]] std::size_t decrypt_protected(std::span<char> bytes);
  void next_subsample() noexcept;

  std::unique_ptr<Aes> aes_;
  Scheme scheme_;
  Pattern pattern_;
  std::array<char, 16> iv_{};
  std::string_view subsamples_;       ///< those to come
  std::uint64_t clear_left_ = 0;      ///< of the current subsample, in bytes
  std::uint64_t protected_left_ = 0;  ///< the same
  std::uint32_t pattern_at_ = 0;      ///< blocks since the pattern began, less whole patterns
};

}  // namespace sluice::cenc
