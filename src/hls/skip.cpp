#include "sluice/hls/skip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "sluice/core/text.hpp"
#include "sluice/hls/attribute_list.hpp"
#include "sluice/hls/byte_range.hpp"
#include "sluice/hls/lines.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/hls/segment_key.hpp"
#include "sluice/hls/tag.hpp"

namespace sluice::hls {
namespace {

/// Tags that say something about the playlist or the time line, not about the next segment.
constexpr std::array<std::string_view, 19> kPlaylistTags = {"EXTM3U",
                                                            "EXT-X-VERSION",
                                                            "EXT-X-TARGETDURATION",
                                                            "EXT-X-MEDIA-SEQUENCE",
                                                            "EXT-X-DISCONTINUITY-SEQUENCE",
                                                            "EXT-X-ENDLIST",
                                                            "EXT-X-PLAYLIST-TYPE",
                                                            "EXT-X-I-FRAMES-ONLY",
                                                            "EXT-X-ALLOW-CACHE",
                                                            "EXT-X-INDEPENDENT-SEGMENTS",
                                                            "EXT-X-START",
                                                            "EXT-X-DEFINE",
                                                            "EXT-X-SERVER-CONTROL",
                                                            "EXT-X-PART-INF",
                                                            "EXT-X-BITRATE",
                                                            "EXT-X-DATERANGE",
                                                            "EXT-X-RENDITION-REPORT",
                                                            "EXT-X-PRELOAD-HINT",
                                                            "EXT-X-SESSION-KEY"};

bool is_playlist_tag(std::string_view name) noexcept {
  return std::find(kPlaylistTags.begin(), kPlaylistTags.end(), name) != kPlaylistTags.end();
}

std::string_view format_of(std::string_view key_line) {
  const auto tag = parse_tag(key_line);
  const auto format = tag ? attribute_value(tag->value, "KEYFORMAT") : std::string_view();
  return format.empty() ? "identity" : format;
}

bool can_be_cut(std::string_view playlist) noexcept {
  bool fixed = false;
  LineReader reader(skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    const auto tag = parse_tag(line->text);
    if (!tag) continue;
    if (tag->name == "EXT-X-SKIP" || is_master_tag(tag->name)) return false;
    const auto type = trim(tag->value);
    fixed = fixed || tag->name == "EXT-X-ENDLIST" ||
            (tag->name == "EXT-X-PLAYLIST-TYPE" && (type == "VOD" || type == "EVENT"));
  }
  return fixed;
}

/// Goes through a playlist once. The lines before each segment are gathered until it is known
/// whether the segment stays.
class Cutter {
 public:
  Cutter(const TimeRanges& ranges, std::size_t max_output)
      : ranges_(ranges), max_output_(max_output) {}

  Result<std::string> run(std::string_view playlist);

 private:
  struct Gathered {
    Line line;
    std::string_view tag;  ///< empty: a comment or a blank line
    std::string_view value;
  };

  void gather(const Line& line);
  void segment(const Line& uri);
  void keep(const Line& uri);
  void drop();
  void put(const Line& line) { out_.append(line.text).append(line.ending); }
  void put_text(std::string_view text) { out_.append(text).append(ending_); }
  void put_discontinuity();
  void put_keys(std::vector<std::string> lines);

  const TimeRanges& ranges_;
  const std::size_t max_output_;
  std::string out_;
  std::string_view ending_ = "\n";
  std::vector<Gathered> gathered_;
  double time_ = 0;
  double duration_ = 0;  ///< of the segment whose lines are gathered
  SequenceNumbers numbers_;
  ByteRangeTracker byte_ranges_;
  KeysInEffect keys_;
  std::string_view map_;               ///< the line in effect
  std::vector<std::string> map_keys_;  ///< that were in effect where it stood
  std::vector<std::string> keys_put_;
  bool keys_changed_ = false;  ///< since keys_put_, as long as nothing is cut
  std::string_view map_put_;
  bool cut_ = false;      ///< something has been removed
  bool cut_now_ = false;  ///< the segment before this one was
};

Result<std::string> Cutter::run(std::string_view playlist) {
  out_.reserve(playlist.size() + playlist.size() / 8);
  const auto text = skip_byte_order_mark(playlist);
  out_ += playlist.substr(0, playlist.size() - text.size());
  LineReader reader(text);
  while (const auto line = reader.next()) {
    if (!line->ending.empty()) ending_ = line->ending;
    if (is_uri_line(line->text)) {
      segment(*line);
    } else {
      gather(*line);
    }
    if (out_.size() > max_output_) {
      return upstream_error(Errc::body_too_large, "playlist too large with its keys written out");
    }
  }
  for (const auto& each : gathered_) put(each.line);
  return std::move(out_);
}

void Cutter::gather(const Line& line) {
  const auto tag = parse_tag(line.text);
  if (!tag) {
    gathered_.push_back({line, {}, {}});
    return;
  }
  gathered_.push_back({line, tag->name, tag->value});
  numbers_.see(*tag);
  byte_ranges_.see(*tag);
  if (tag->name == "EXTINF") {
    duration_ = parse_seconds(tag->value.substr(0, tag->value.find(','))).value_or(0);
  } else if (tag->name == "EXT-X-KEY") {
    keys_.see(line.text, tag->value);
    keys_changed_ = true;
  } else if (tag->name == "EXT-X-MAP") {
    map_ = line.text;
    map_keys_ = keys_.lines();
  }
}

void Cutter::segment(const Line& uri) {
  byte_ranges_.segment(trim(uri.text));
  const double start = time_;
  time_ += duration_;
  const bool dropped = ranges_.overlap(start, time_);
  if (dropped) {
    drop();
  } else {
    keep(uri);
  }
  cut_now_ = dropped;
  duration_ = 0;
  gathered_.clear();
  numbers_.segment();
}

void Cutter::drop() {
  cut_ = true;
  for (const auto& each : gathered_) {
    if (is_playlist_tag(each.tag)) put(each.line);
  }
}

void Cutter::keep(const Line& uri) {
  if (!cut_) {
    for (const auto& each : gathered_) put(each.line);
    if (std::exchange(keys_changed_, false)) keys_put_ = keys_.lines();
    map_put_ = map_;
    put(uri);
    return;
  }
  put_discontinuity();
  if (map_ != map_put_) {
    // A map is encrypted by the keys before it, and by none behind it.
    put_keys(map_keys_);
    put_text(map_);
    map_put_ = map_;
  }
  put_keys(keys_.lines(numbers_.next()));
  for (const auto& each : gathered_) {
    if (each.tag == "EXT-X-KEY" || each.tag == "EXT-X-MAP") continue;
    const auto& range = byte_ranges_.current();
    if (each.tag == "EXT-X-BYTERANGE" && cut_now_ && range) {
      put_text(fmt::format("#EXT-X-BYTERANGE:{}@{}", range->length, range->offset));
    } else {
      put(each.line);
    }
  }
  put(uri);
}

void Cutter::put_discontinuity() {
  const bool has_one = std::any_of(gathered_.begin(), gathered_.end(), [](const auto& each) {
    return each.tag == "EXT-X-DISCONTINUITY";
  });
  if (cut_now_ && !has_one) put_text("#EXT-X-DISCONTINUITY");
}

/// Makes these the keys in effect: those that are not, or all anew where one has to end.
void Cutter::put_keys(std::vector<std::string> lines) {
  if (lines == keys_put_) return;
  const auto goes_on = [&](const std::string& put) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const auto& line) { return format_of(line) == format_of(put); });
  };
  const bool one_ends = !std::all_of(keys_put_.begin(), keys_put_.end(), goes_on);
  if (one_ends) put_text("#EXT-X-KEY:METHOD=NONE");
  for (const auto& line : lines) {
    const bool is_put = std::find(keys_put_.begin(), keys_put_.end(), line) != keys_put_.end();
    if (one_ends || !is_put) put_text(line);
  }
  keys_put_ = std::move(lines);
}

}  // namespace

Result<std::string> remove_time_ranges(std::string_view playlist, const TimeRanges& ranges,
                                       std::size_t max_output) {
  if (ranges.empty() || !can_be_cut(playlist)) return std::string(playlist);
  return Cutter(ranges, max_output).run(playlist);
}

}  // namespace sluice::hls
