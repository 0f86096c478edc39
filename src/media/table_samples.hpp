#pragma once

#include <memory>
#include <vector>

#include "sample_source.hpp"

namespace sluice::media {

/// The encrypted tracks of a movie without fragments, from `moov`, the whole box, which lies at
/// `offset` in the file. None when it has fragments only. bad_segment (origin upstream) where the
/// tables are damaged; missing_key() for a sample entry or group that has samples.
[[nodiscard]] Result<std::vector<std::unique_ptr<SampleSource>>> read_sample_tables(
    const std::vector<char>& moov, std::uint64_t offset, std::size_t header_size,
    const std::shared_ptr<const Mp4Protection>& protection, CipherBank& bank);

}  // namespace sluice::media
