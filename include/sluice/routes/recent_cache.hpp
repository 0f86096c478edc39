#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "sluice/core/clock.hpp"

namespace sluice::routes {

/// Small things that were fetched lately and belong to many segments, of one worker.
template <class Value, std::size_t max_entries = 256>
class RecentCache {
 public:
  static constexpr std::size_t kMaxEntries = max_entries;
  static constexpr Clock::duration kMaxAge = std::chrono::minutes(5);

  /// `id`: all that the answer may depend on (URL and request headers).
  [[nodiscard]] std::optional<Value> find(const std::string& id, TimePoint now) const {
    const auto found = entries_.find(id);
    if (found == entries_.end() || now - found->second.since >= kMaxAge) return std::nullopt;
    return found->second.value;
  }
  /// The oldest makes room.
  void put(std::string id, Value value, TimePoint now) {
    std::erase_if(entries_,
                  [now](const auto& entry) { return now - entry.second.since >= kMaxAge; });
    if (entries_.size() >= kMaxEntries && !entries_.contains(id)) {
      entries_.erase(std::min_element(
          entries_.begin(), entries_.end(),
          [](const auto& a, const auto& b) { return a.second.since < b.second.since; }));
    }
    entries_.insert_or_assign(std::move(id), Entry{std::move(value), now});
  }
  /// It did not fit.
  void forget(const std::string& id) { entries_.erase(id); }

 private:
  struct Entry {
    Value value;
    TimePoint since;
  };
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace sluice::routes
