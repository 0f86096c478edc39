#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::cenc {

/// How samples are encrypted. ISO/IEC 23001-7, 10.
enum class Scheme : std::uint8_t {
  cenc,  ///< AES-CTR; the protected bytes of a sample are one stream of it
  cens,  ///< AES-CTR by a pattern
  cbc1,  ///< AES-CBC; the protected blocks of a sample are one chain
  cbcs,  ///< AES-CBC by a pattern; the chain begins anew in each subsample
};

/// Which blocks of 16 bytes are encrypted: so many, then so many not, and so on; the pattern begins
/// anew in each subsample. 0:0, and nothing skipped, means all of them.
struct Pattern {
  std::uint8_t crypt_blocks = 0;
  std::uint8_t skip_blocks = 0;

  [[nodiscard]] bool covers_all() const noexcept { return skip_blocks == 0; }
};

inline constexpr std::size_t kSubsampleSize = 6;

/// What comes with a sample.
struct SampleEncryption {
  /// An IV of 8 bytes is followed by zeros.
  std::array<char, 16> iv{};
  /// As they stand in a file: clear bytes (16 bits), protected bytes (32 bits), and so on, with the
  /// most significant byte first. Empty: all of the sample is protected. Bytes behind the last
  /// subsample are clear. Not owned.
  std::string_view subsamples;
};

}  // namespace sluice::cenc
