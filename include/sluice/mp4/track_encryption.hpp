#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/mp4/box.hpp"

namespace sluice::mp4 {

inline constexpr std::size_t kKidSize = 16;
using Kid = std::array<char, kKidSize>;

/// How samples are encrypted, as `tenc`, a description of group `seig` and boxes of PIFF say it.
struct TrackEncryption {
  bool is_protected = true;
  std::uint8_t crypt_blocks = 0;  ///< of a pattern, 0 to 15 blocks of 16 bytes
  std::uint8_t skip_blocks = 0;   ///< the same
  std::uint8_t iv_size = 0;       ///< bytes with each sample: 0, 8 or 16
  std::string constant_iv;        ///< 8 or 16 bytes when iv_size is 0
  Kid kid{};
  /// What PIFF calls AlgorithmID: 1 for AES-CTR, 2 for AES-CBC, 0 for none.
  std::optional<std::uint32_t> piff_algorithm;
};

/// `tenc`. ISO/IEC 23001-7, 8.2.
[[nodiscard]] Result<TrackEncryption> parse_tenc(std::string_view content);

/// One description of group `seig`. ISO/IEC 23001-7, 6.
[[nodiscard]] Result<TrackEncryption> parse_seig(std::string_view description);

/// AlgorithmID, IV size and KID as PIFF has them in a row, in its form of `tenc` and of `senc`.
[[nodiscard]] TrackEncryption read_piff_encryption(ByteCursor& cursor);

/// Which KIND of sizes decryption knows; malformed(`box`) for others, or for a protected track
/// that has IVs neither with its samples nor for all of them.
[[nodiscard]] Result<TrackEncryption> checked(TrackEncryption encryption, std::string_view box);

/// What `sinf` says of a sample entry.
struct ProtectionScheme {
  FourCc original_format = 0;                 ///< what the entry is called without protection
  FourCc scheme = 0;                          ///< of `schm`; `cenc` when it has none
  std::optional<TrackEncryption> encryption;  ///< nullopt when it has no box that would say
};
/// ISO/IEC 14496-12, 8.12; PIFF 1.1, 5.3.3. Errors of parse_tenc().
[[nodiscard]] Result<ProtectionScheme> parse_sinf(std::string_view content);

/// The extended types PIFF 1.1 gives its boxes.
inline constexpr std::string_view kPiffTenc{
    "\x89\x74\xdb\xce\x7b\xe7\x4c\x51\x84\xf9\x71\x48\xf9\x88\x25\x54", 16};
inline constexpr std::string_view kPiffSenc{
    "\xa2\x39\x4f\x52\x5a\x9b\x4f\x14\xa2\x44\x6c\x42\x7c\x64\x8d\xf4", 16};
inline constexpr std::string_view kPiffPssh{
    "\xd0\x8a\x4f\x18\x10\xf3\x4a\x82\xb6\xc8\x32\xd8\xab\xa1\x83\xd3", 16};

}  // namespace sluice::mp4
