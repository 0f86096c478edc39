#include "playlist_edits.hpp"

#include "sluice/hls/skip.hpp"
#include "sluice/hls/start.hpp"

namespace sluice::routes {

Result<PlaylistEdits> PlaylistEdits::parse(const Query& query, const HlsSettings& settings) {
  PlaylistEdits edits;
  edits.variant.highest = query.flag("max_res");
  if (const auto resolution = query.get_nonempty("resolution")) {
    const auto height = hls::parse_height(*resolution);
    if (!height) return height.error();
    edits.variant.height = *height;
  }
  if (const auto skip = query.get_nonempty("skip")) {
    auto ranges = hls::TimeRanges::parse(*skip);
    if (!ranges) return ranges.error();
    edits.skip = *std::move(ranges);
  }
  if (const auto start = query.get_nonempty("start_offset")) {
    edits.start = hls::parse_offset(*start);
    if (!edits.start) {
      return client_error(Errc::bad_request, "parameter start_offset is not a number of seconds");
    }
  }
  edits.live_start = -std::chrono::duration<double>(settings.live_start_delay).count();
  return edits;
}

Result<std::optional<std::string>> PlaylistEdits::apply_to(std::string_view playlist,
                                                           std::size_t max_output) const {
  std::optional<std::string> edited;
  const auto current = [&] { return edited ? std::string_view(*edited) : playlist; };
  if (variant.given()) edited = hls::keep_variant(current(), variant);
  if (!skip.empty()) {
    auto cut = hls::remove_time_ranges(current(), skip, max_output);
    if (!cut) return cut.error();
    edited = *std::move(cut);
  }
  if (start) {
    edited = hls::with_start(current(), *start);
  } else if (live_start != 0 && hls::takes_live_start(current(), live_start)) {
    edited = hls::with_start(current(), live_start);
  }
  return edited;
}

}  // namespace sluice::routes
