#include "sluice/hls/start.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "sluice/core/text.hpp"
#include "sluice/hls/lines.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/hls/tag.hpp"
#include "sluice/hls/time_ranges.hpp"

namespace sluice::hls {
namespace {

constexpr double kFarthest = 1e9;

}  // namespace

std::string with_start(std::string_view playlist, double offset) {
  if (is_master(playlist)) return std::string(playlist);
  std::string out;
  out.reserve(playlist.size() + 64);
  const auto text = skip_byte_order_mark(playlist);
  out += playlist.substr(0, playlist.size() - text.size());
  bool put = false;
  LineReader reader(text);
  while (const auto line = reader.next()) {
    const auto tag = parse_tag(line->text);
    if (tag && tag->name == "EXT-X-START") continue;
    out.append(line->text).append(line->ending);
    if (put || !tag || tag->name != "EXTM3U") continue;
    const auto ending = line->ending.empty() ? std::string_view("\n") : line->ending;
    if (line->ending.empty()) out += ending;
    out += fmt::format("#EXT-X-START:TIME-OFFSET={:.1f},PRECISE=YES", offset);
    out += ending;
    put = true;
  }
  return out;
}

bool takes_live_start(std::string_view playlist, double offset) noexcept {
  bool advanced = false;
  double listed = 0;
  LineReader reader(skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    const auto tag = parse_tag(line->text);
    if (!tag) continue;
    const auto name = tag->name;
    if (name == "EXTINF") {
      listed += parse_seconds(tag->value.substr(0, tag->value.find(','))).value_or(0);
    } else if (name == "EXT-X-MEDIA-SEQUENCE") {
      advanced = parse_u64(trim(tag->value)).value_or(0) > 0;
    } else if (name == "EXT-X-ENDLIST" || name == "EXT-X-PLAYLIST-TYPE" || name == "EXT-X-START" ||
               name == "EXT-X-PART-INF" || name == "EXT-X-PART" || name == "EXT-X-SKIP" ||
               is_master_tag(name)) {
      return false;
    }
  }
  return advanced && listed > std::abs(offset);
}

std::optional<double> parse_offset(std::string_view text) noexcept {
  text = trim(text);
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (text.empty() || error != std::errc() || stop != end || !(std::abs(value) <= kFarthest)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace sluice::hls
