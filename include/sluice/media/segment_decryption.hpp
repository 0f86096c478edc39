#pragma once

#include <memory>
#include <string>

#include "sluice/cenc/segment_cipher.hpp"
#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

/// What a segment is decrypted with.
struct SegmentKey {
  cenc::SegmentMethod method = cenc::SegmentMethod::aes_128;
  std::string key;  ///< cenc::key_size(method) bytes
  std::string iv;   ///< cenc::kIvSize bytes
};

/// The stage that decrypts a segment: the one place that knows which method is which stage. Errors
/// of the whole-segment ones: cenc::SegmentCipher::finish(); of the other: SampleAesStage.
[[nodiscard]] std::unique_ptr<ByteTransform> make_segment_decryption(const SegmentKey& key);

/// As ByteTransform::output_size() of that stage, before there is a key.
[[nodiscard]] bool keeps_size(cenc::SegmentMethod method) noexcept;

}  // namespace sluice::media
