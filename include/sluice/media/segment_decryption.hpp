#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sluice/cenc/segment_cipher.hpp"
#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

class Mp4Protection;

/// What a segment is decrypted with.
struct SegmentKey {
  cenc::SegmentMethod method = cenc::SegmentMethod::aes_128;
  std::string key;  ///< cenc::key_size(method) bytes
  std::string iv;   ///< cenc::kIvSize bytes
  /// Where samples of fragments are encrypted: what their map says. Null: it is no such segment.
  std::shared_ptr<const Mp4Protection> protection = {};
  std::uint64_t first_byte = 0;  ///< where in its file the segment begins
};

/// The stage that decrypts a segment: the one place that knows which method is which stage. Errors
/// of the whole-segment ones: cenc::SegmentCipher::finish(); of the other: SampleAesStage.
[[nodiscard]] std::unique_ptr<ByteTransform> make_segment_decryption(const SegmentKey& key);

/// Takes what it says of encryption out of a map (EXT-X-MAP), whose size stays. bad_segment (origin
/// upstream) when it is none.
[[nodiscard]] std::unique_ptr<ByteTransform> make_map_unprotection();

/// As ByteTransform::output_size() of that stage, before there is a key.
[[nodiscard]] bool keeps_size(cenc::SegmentMethod method) noexcept;

}  // namespace sluice::media
