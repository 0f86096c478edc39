#include "sluice/routes/live_playlists.hpp"

#include <utility>

#include "sluice/core/text.hpp"
#include "sluice/hls/lines.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/hls/segment_key.hpp"
#include "sluice/hls/tag.hpp"

namespace sluice::routes {
namespace {

/// A larger one is no live playlist of a usual window, and not worth its memory.
constexpr std::size_t kLargest = std::size_t{512} * 1024;

struct Window {
  bool live = true;
  bool numbered = false;  ///< EXT-X-MEDIA-SEQUENCE occurs
  bool delta = false;     ///< a delta update, which says nothing without the one before it
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Window read_window(std::string_view playlist) {
  Window window;
  hls::SequenceNumbers numbers;
  hls::LineReader reader(hls::skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    if (hls::is_uri_line(line->text)) {
      numbers.segment();
      continue;
    }
    const auto tag = hls::parse_tag(line->text);
    if (!tag) continue;
    numbers.see(*tag);
    if (tag->name == "EXT-X-MEDIA-SEQUENCE") {
      window.numbered = true;
      window.begin = numbers.next();
    } else if (tag->name == "EXT-X-SKIP") {
      window.delta = true;
    } else if (tag->name == "EXT-X-ENDLIST" || hls::is_master_tag(tag->name) ||
               (tag->name == "EXT-X-PLAYLIST-TYPE" && trim(tag->value) == "VOD")) {
      window.live = false;
    }
  }
  window.end = numbers.next();
  return window;
}

}  // namespace

LivePlaylists::Shared LivePlaylists::admit(const std::string& key, Playlist playlist,
                                           TimePoint now) {
  const auto window = playlist.text.size() <= kLargest ? read_window(playlist.text) : Window{false};
  auto shared = std::make_shared<const Playlist>(std::move(playlist));
  const std::scoped_lock lock(mutex_);
  if (!window.live || !window.numbered) {
    forget(key);
    return shared;
  }
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) {
    auto& entry = *known->second;
    entries_.splice(entries_.begin(), entries_, known->second);
    const bool behind = window.begin < entry.begin || window.end < entry.end;
    // Elsewhere it may be the session of another viewer.
    const bool same_place =
        split_url(entry.playlist->base.text()).path == split_url(shared->base.text()).path;
    if (behind && same_place && now - entry.since < keep_) return entry.playlist;
    // A delta update shows that the stream goes on; what is known of it can still be played.
    if (window.delta && window.begin <= entry.end) entry.since = now;
  }
  if (!window.delta) remember(key, {key, shared, window.end, window.begin, now});
  return shared;
}

LivePlaylists::Shared LivePlaylists::recall(const std::string& key, TimePoint now) {
  const std::scoped_lock lock(mutex_);
  const auto known = by_key_.find(key);
  if (known == by_key_.end() || now - known->second->since >= keep_) return nullptr;
  return known->second->playlist;
}

void LivePlaylists::remember(const std::string& key, Entry entry) {
  forget(key);
  if (size_of(entry) > max_bytes_) return;
  bytes_ += size_of(entry);
  entries_.push_front(std::move(entry));
  by_key_.emplace(entries_.front().key, entries_.begin());
  while (bytes_ > max_bytes_) {
    const std::string last = entries_.back().key;
    forget(last);
  }
}

void LivePlaylists::forget(const std::string& key) {
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return;
  const auto entry = known->second;
  bytes_ -= size_of(*entry);
  by_key_.erase(known);
  entries_.erase(entry);
}

std::size_t LivePlaylists::size_of(const Entry& entry) noexcept {
  constexpr std::size_t kOverhead = 256;
  return entry.key.size() + entry.playlist->text.size() + entry.playlist->base.text().size() +
         kOverhead;
}

}  // namespace sluice::routes
