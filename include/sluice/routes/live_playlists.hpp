#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sluice/core/clock.hpp"
#include "sluice/core/url.hpp"

namespace sluice::routes {

/// The last state of live playlists, so that none goes back in its media sequence because another
/// server of the origin is behind, and none ends for the player because the origin failed once.
/// Bounded; the ones used least recently go first. Any thread.
class LivePlaylists {
 public:
  struct Playlist {
    std::string text;
    Url base;  ///< its URL after redirects
  };
  using Shared = std::shared_ptr<const Playlist>;

  /// Up to `max_bytes` of playlists; each stands in for a failed one for `keep` after it was new.
  LivePlaylists(std::size_t max_bytes, Clock::duration keep) noexcept
      : max_bytes_(max_bytes), keep_(keep) {}

  /// To be told what the origin answered for `key`; gives what to use: that, or the newer one known
  /// before. One that stays behind for longer than `keep` is a stream that began anew.
  [[nodiscard]] Shared admit(const std::string& key, Playlist playlist, TimePoint now);
  /// What to use when the origin did not answer with a playlist; null when there is nothing.
  [[nodiscard]] Shared recall(const std::string& key, TimePoint now);

 private:
  struct Entry {
    std::string key;
    Shared playlist;
    std::uint64_t end = 0;  ///< sequence number of the segment after its last
    std::uint64_t begin = 0;
    TimePoint since;  ///< when it was new
  };
  using Entries = std::list<Entry>;

  void remember(const std::string& key, Entry entry);
  void forget(const std::string& key);
  [[nodiscard]] static std::size_t size_of(const Entry& entry) noexcept;

  const std::size_t max_bytes_;
  const Clock::duration keep_;
  std::mutex mutex_;
  Entries entries_;  ///< last used first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace sluice::routes
