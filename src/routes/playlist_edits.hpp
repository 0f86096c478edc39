#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/core/query.hpp"
#include "sluice/hls/time_ranges.hpp"
#include "sluice/hls/variants.hpp"
#include "sluice/routes/settings.hpp"

namespace sluice::routes {

/// What a request wants to have changed in a playlist beside its URIs.
struct PlaylistEdits {
  hls::VariantChoice variant;   ///< max_res, resolution
  hls::TimeRanges skip;         ///< skip
  std::optional<double> start;  ///< start_offset
  double live_start = 0;        ///< for live streams, without start_offset; 0: none

  /// bad_request naming the parameter that is malformed.
  [[nodiscard]] static Result<PlaylistEdits> parse(const Query& query, const HlsSettings& settings);
  /// The playlist with them; nullopt when they do not concern it. body_too_large (origin upstream)
  /// when it would become larger than `max_output` bytes.
  [[nodiscard]] Result<std::optional<std::string>> apply_to(std::string_view playlist,
                                                            std::size_t max_output) const;
};

}  // namespace sluice::routes
