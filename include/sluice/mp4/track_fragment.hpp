#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/mp4/box.hpp"

namespace sluice::mp4 {

/// What the samples of a track's fragments are when they do not say so: `trex`.
/// ISO/IEC 14496-12, 8.8.3.
struct TrackExtends {
  std::uint32_t track_id = 0;
  std::uint32_t description_index = 1;  ///< of the sample entry, from 1 on
  std::uint32_t sample_size = 0;        ///< bytes
};
[[nodiscard]] Result<TrackExtends> parse_trex(std::string_view content);

/// `tfhd`. ISO/IEC 14496-12, 8.8.7.
struct TrackFragmentHeader {
  std::uint32_t track_id = 0;
  std::optional<std::uint64_t> base_data_offset;  ///< in the file
  std::optional<std::uint32_t> description_index;
  std::optional<std::uint32_t> sample_size;
  bool base_is_moof = false;
};
[[nodiscard]] Result<TrackFragmentHeader> parse_tfhd(std::string_view content);

/// `trun`: samples that lie one behind the other. ISO/IEC 14496-12, 8.8.8.
struct TrackRun {
  std::uint32_t sample_count = 0;
  std::optional<std::int32_t> data_offset;  ///< of the first sample, from the fragment's base
  std::string_view entries;                 ///< one per sample, of entry_size bytes
  std::size_t entry_size = 0;
  std::optional<std::size_t> size_at;  ///< where in an entry the size of its sample is

  /// Bytes of sample `index`, or nullopt when the run does not say.
  [[nodiscard]] std::optional<std::uint32_t> sample_size(std::size_t index) const noexcept;
};
/// The views point into `content`.
[[nodiscard]] Result<TrackRun> parse_trun(std::string_view content);

}  // namespace sluice::mp4
