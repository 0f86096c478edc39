#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "sluice/core/error.hpp"

struct evp_cipher_ctx_st;  // OpenSSL's

namespace sluice::cenc {

/// How a segment is encrypted.
enum class SegmentMethod : std::uint8_t {
  aes_128,      ///< CBC with PKCS #7 padding. RFC 8216, 4.3.2.4
  aes_256,      ///< the same with a key of 32 bytes
  aes_256_ctr,  ///< the IV is the first counter, all 128 bits of which are counted up; no padding
  sample_aes,   ///< parts of NAL units and audio frames, see SampleAesCipher; of fragments cbcs
  sample_aes_ctr,  ///< fragments with scheme cenc
};

/// By the name a playlist gives it: AES-128, AES-256, AES-256-CTR, SAMPLE-AES, SAMPLE-AES-CTR;
/// nullopt for any other.
[[nodiscard]] std::optional<SegmentMethod> parse_segment_method(std::string_view name) noexcept;

/// Length of its keys, in bytes.
[[nodiscard]] std::size_t key_size(SegmentMethod method) noexcept;

/// Not whole segments but what is inside their samples.
[[nodiscard]] bool encrypts_samples(SegmentMethod method) noexcept;

inline constexpr std::size_t kIvSize = 16;
inline constexpr std::size_t kBlockSize = 16;

/// Decrypts one whole segment, piece by piece.
class SegmentCipher {
 public:
  /// `key` has key_size(method) bytes, `iv` kIvSize; anything else, and a method that does not
  /// encrypt whole segments, is a programming error. Throws
  /// std::runtime_error when OpenSSL lacks memory or the algorithm.
  SegmentCipher(SegmentMethod method, std::string_view key, std::string_view iv);
  SegmentCipher(SegmentCipher&&) noexcept;
  SegmentCipher& operator=(SegmentCipher&&) noexcept;
  ~SegmentCipher();

  /// Decrypts into `out`, which has room for kBlockSize bytes more than `in` has, and does not
  /// overlap it; where there is no padding it may also be `in` itself. How many bytes came out:
  /// with padding the last block is kept until it is known whether it is the last.
  [[nodiscard]] std::size_t update(std::span<const char> in, std::span<char> out);

  /// The rest, at most kBlockSize bytes, into `out`. With padding bad_segment (origin upstream)
  /// when the segment was no whole number of blocks, or does not end in padding.
  [[nodiscard]] Result<std::size_t> finish(std::span<char> out);

  [[nodiscard]] bool has_padding() const noexcept { return padding_; }

 private:
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_cipher_ctx_st, FreeContext> context_;
  bool padding_;
  std::uint64_t total_ = 0;  ///< bytes so far
};

}  // namespace sluice::cenc
