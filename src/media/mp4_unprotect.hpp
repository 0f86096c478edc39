#pragma once

#include "sluice/media/byte_transform.hpp"
#include "sluice/media/mp4_protection.hpp"

namespace sluice::media {

/// unprotect_init() for the content of one moov.
[[nodiscard]] Result<> unprotect_moov(Bytes moov);

/// The same for the content of one moof: pssh, senc, saiz, saio, groups of keys and the boxes of
/// PIFF in it become `free`.
[[nodiscard]] Result<> unprotect_moof(Bytes moof, const Mp4Protection& protection);

}  // namespace sluice::media
