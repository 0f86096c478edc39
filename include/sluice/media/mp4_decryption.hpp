#pragma once

#include <cstdint>
#include <memory>

#include "sluice/cenc/key_set.hpp"
#include "sluice/media/byte_transform.hpp"
#include "sluice/media/mp4_protection.hpp"

namespace sluice::media {

/// The stage that decrypts ISO BMFF of Common Encryption (ISO/IEC 23001-7) and PIFF as it comes:
/// media segments, self-initialising ones, whole files with fragments, and without when their moov
/// comes first.
///
/// Sizes never change. What tells of the encryption (pssh, sinf, senc, saiz, saio, groups `seig`,
/// boxes of PIFF) becomes a `free` box of the same size full of zeros, and sample entries get their
/// original names; so every offset in the file, byte ranges and Content-Length stay right, and all
/// else is byte for byte what it was. Samples are decrypted where they lie.
///
/// Nothing leaves before it is known that a key is there for what comes first; and where the first
/// samples can tell a wrong key, at most 64 KiB of them wait until they have. A moof and a moov
/// are held as a whole, of an mdat at most a block of 16 bytes.
///
/// `protection` is that of the initialisation segment, needed for media segments without a moov
/// and replaced by any moov that comes by; nullptr when there is none. `first_byte` is where in the
/// file the stream begins.
///
/// Errors: bad_segment (origin upstream) when the stream is no such file, is damaged or ends too
/// early, or wants something back that has passed (samples in front of what describes them);
/// bad_request (origin client) naming the id of a key that is missing; bad_key (origin client) for
/// a wrong one, where that can be told.
[[nodiscard]] std::unique_ptr<ByteTransform> make_mp4_decryption(
    cenc::KeySet keys, std::shared_ptr<const Mp4Protection> protection,
    std::uint64_t first_byte = 0);

}  // namespace sluice::media
