#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sluice/mp4/box.hpp"
#include "sluice/mp4/track_encryption.hpp"

namespace sluice::mp4 {

/// An index above it counts in the descriptions of the fragment itself.
inline constexpr std::uint32_t kFragmentGroups = 0x10000;

/// The grouping type that `sgpd` and `sbgp` both begin with; 0 when they are too short.
[[nodiscard]] FourCc grouping_type(std::string_view content) noexcept;

/// `sgpd` of type `seig`. ISO/IEC 14496-12, 8.9.3; ISO/IEC 23001-7, 6.
struct EncryptionGroups {
  std::vector<TrackEncryption> descriptions;
  std::uint32_t default_index = 0;  ///< of samples that are in no group, from 1 on; 0: none
};
[[nodiscard]] Result<EncryptionGroups> parse_seig_descriptions(std::string_view content);

/// `sbgp`: which group each sample is in, in order. ISO/IEC 14496-12, 8.9.2.
class SampleToGroup {
 public:
  /// malformed() when the entries do not fit. `content` has to outlive this.
  [[nodiscard]] static Result<SampleToGroup> parse(std::string_view content);
  /// All samples are in no group.
  SampleToGroup() = default;

  /// The group of sample `index`, 0 for none. Cheap when indices rise.
  [[nodiscard]] std::uint32_t group_of(std::uint64_t index) noexcept;

 private:
  std::string_view entries_;
  std::size_t entry_ = 0;    ///< the one looked at last
  std::uint64_t first_ = 0;  ///< its first sample
};

}  // namespace sluice::mp4
