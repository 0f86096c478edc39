#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sluice/mp4/box.hpp"
#include "sluice/mp4/track_encryption.hpp"

namespace sluice::mp4 {

/// An entry of `stsd`, protected or not. The views point into what it was read from.
struct SampleEntry {
  Box box;
  std::vector<Box> sinfs;  ///< boxes that say how it is protected; empty when it is not
};

/// Entries called encv, enca, enct, encs, encu, encm or encp are those that are protected.
/// Where their boxes begin depends on the codec (and, for sound, on versions of QuickTime): a
/// `sinf` is found by its shape instead. malformed() when a protected entry has none.
/// ISO/IEC 14496-12, 8.5.2 and 8.12.
[[nodiscard]] Result<std::vector<SampleEntry>> parse_stsd(std::string_view content);

}  // namespace sluice::mp4
