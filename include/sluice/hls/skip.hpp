#pragma once

#include <string>
#include <string_view>

#include "sluice/hls/time_ranges.hpp"

namespace sluice::hls {

/// A media playlist without the segments that overlap `ranges`, counted in EXTINF durations from
/// the first one listed. What is left plays as it did:
///
/// * tags that describe a removed segment go with it; those of the playlist (and EXT-X-DATERANGE)
///   stay;
/// * the first segment after a removed one gets an EXT-X-DISCONTINUITY, unless it has one;
/// * EXT-X-KEY and EXT-X-MAP that a removed segment brought are put before the next one they apply
///   to; where removing shifts the sequence numbers, implicit initialization vectors are written
///   out (RFC 8216, 5.2), as are the offsets of byte ranges that followed from a removed one.
///
/// Unchanged: master playlists, live ones (neither EXT-X-ENDLIST nor a type VOD or EVENT), delta
/// updates, and playlists in which nothing overlaps.
///
/// body_too_large (origin upstream) when keys written out again made it larger than `max_output`
/// bytes.
[[nodiscard]] Result<std::string> remove_time_ranges(std::string_view playlist,
                                                     const TimeRanges& ranges,
                                                     std::size_t max_output);

}  // namespace sluice::hls
