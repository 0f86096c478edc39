#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// Clear and protected bytes of a part of a sample.
struct Subsample {
  std::uint32_t clear = 0;
  std::uint32_t hidden = 0;
};

/// How a sample is encrypted, in words: "cenc", "cens", "cbc1" or "cbcs".
struct SampleSecret {
  std::string scheme;
  std::string key;  ///< 16 bytes
  std::string iv;   ///< 8 or 16 bytes
  unsigned crypt_blocks = 0;
  unsigned skip_blocks = 0;
  std::vector<Subsample> subsamples{};  ///< none: the whole sample
};

/// ISO/IEC 23001-7, 10, block by block, with nothing in common with what decrypts.
[[nodiscard]] std::string encrypt_sample(const SampleSecret& secret, std::string_view plain);

/// The subsamples as they stand in a file, 6 bytes each.
[[nodiscard]] std::string subsample_table(const std::vector<Subsample>& subsamples);

/// `value` in `width` bytes, the most significant first.
[[nodiscard]] std::string big_endian(std::uint64_t value, unsigned width);

}  // namespace sluice::test
