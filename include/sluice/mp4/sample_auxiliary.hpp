#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/mp4/box.hpp"
#include "sluice/mp4/track_encryption.hpp"

namespace sluice::mp4 {

/// `senc`, or the box of PIFF it was made from: IVs and subsamples of all samples of a fragment.
/// ISO/IEC 23001-7, 7.2.
struct SampleEncryptionBox {
  bool has_subsamples = false;
  std::uint32_t sample_count = 0;
  std::string_view entries;                 ///< in the box
  std::optional<TrackEncryption> override;  ///< what PIFF lets it say instead of `tenc`
};
/// malformed() also for versions other than 0, in which several keys belong to one sample.
[[nodiscard]] Result<SampleEncryptionBox> parse_senc(std::string_view content);

/// `saiz`: how many bytes each sample has in the place `saio` names. ISO/IEC 14496-12, 8.7.8.
struct AuxiliarySizes {
  std::optional<FourCc> type;  ///< what it is about; nullopt: the scheme of the sample entry
  std::uint8_t default_size = 0;
  std::uint32_t sample_count = 0;
  std::string_view sizes;  ///< one byte per sample, when default_size is 0

  /// 0 for an index beyond sample_count.
  [[nodiscard]] std::uint8_t size_of(std::size_t index) const noexcept;
  /// Of all samples, in bytes.
  [[nodiscard]] std::uint64_t total() const noexcept;
};
[[nodiscard]] Result<AuxiliarySizes> parse_saiz(std::string_view content);

/// `saio`: where they are, for all samples, or for each run or chunk. ISO/IEC 14496-12, 8.7.9.
struct AuxiliaryOffsets {
  std::optional<FourCc> type;
  std::uint32_t count = 0;
  std::uint8_t width = 4;  ///< bytes of an offset
  std::string_view offsets;

  /// `index` is below count.
  [[nodiscard]] std::uint64_t offset(std::size_t index) const noexcept {
    return ByteCursor(offsets.substr(index * width)).number(width);
  }
};
[[nodiscard]] Result<AuxiliaryOffsets> parse_saio(std::string_view content);

/// Whether auxiliary information of that type tells how samples are encrypted.
[[nodiscard]] bool is_encryption_type(FourCc type) noexcept;

}  // namespace sluice::mp4
