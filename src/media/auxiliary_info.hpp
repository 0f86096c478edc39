#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/core/error.hpp"
#include "sluice/mp4/sample_auxiliary.hpp"

namespace sluice::media {

/// The boxes among which samples' IVs and subsamples are found: those in a traf or stbl.
struct AuxiliaryBoxes {
  std::optional<mp4::SampleEncryptionBox> senc;
  std::optional<mp4::AuxiliarySizes> saiz;
  std::optional<mp4::AuxiliaryOffsets> saio;

  /// Those among the boxes in `content`. Errors of their parsers.
  [[nodiscard]] static Result<AuxiliaryBoxes> read(std::string_view content);
};

/// IVs and subsamples, sample by sample.
class AuxiliaryInfo {
 public:
  /// There is none.
  AuxiliaryInfo() = default;
  /// By `senc`; by the sizes of `saiz` where both agree.
  AuxiliaryInfo(const mp4::SampleEncryptionBox& senc,
                const std::optional<mp4::AuxiliarySizes>& saiz) noexcept;
  /// `bytes` in which each sample has what `saiz` says. They may come to be known later.
  AuxiliaryInfo(const mp4::AuxiliarySizes& saiz, std::string_view bytes) noexcept
      : kind_(Kind::sized), bytes_(bytes), sizes_(saiz), samples_(saiz.sample_count) {}

  /// What belongs to sample `index`, at `at`, which moves behind it. Empty when there is nothing.
  /// malformed() beyond the end.
  [[nodiscard]] Result<std::string_view> next(std::size_t& at, std::uint64_t index,
                                              std::uint8_t iv_size) const;
  /// For how many samples there is information.
  [[nodiscard]] std::uint64_t samples() const noexcept { return samples_; }
  [[nodiscard]] bool none() const noexcept { return kind_ == Kind::none; }

 private:
  enum class Kind : std::uint8_t {
    none,
    sized,  ///< how much each sample has is in sizes_
    plain,  ///< an IV each
    with_subsamples
  };

  Kind kind_ = Kind::none;
  std::string_view bytes_;
  mp4::AuxiliarySizes sizes_;
  std::uint64_t samples_ = 0;
};

}  // namespace sluice::media
