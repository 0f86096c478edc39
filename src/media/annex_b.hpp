#pragma once

#include "sluice/cenc/sample_aes.hpp"
#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

/// Decrypts the NAL units between start codes (ITU-T H.264, annex B) in place; all else stays. The
/// size afterwards, in bytes, which is no more than before.
[[nodiscard]] std::size_t decrypt_annex_b(Bytes stream, cenc::SampleAesCipher& cipher);

}  // namespace sluice::media
