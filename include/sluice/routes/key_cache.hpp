#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "sluice/core/clock.hpp"

namespace sluice::routes {

/// Keys of segments that were fetched lately, of one worker: a key belongs to many segments.
class KeyCache {
 public:
  static constexpr std::size_t kMaxKeys = 256;
  static constexpr Clock::duration kMaxAge = std::chrono::minutes(5);

  /// `id`: all that the answer may depend on (URL and request headers).
  [[nodiscard]] std::optional<std::string> find(const std::string& id, TimePoint now) const;
  /// The oldest makes room.
  void put(std::string id, std::string key, TimePoint now);
  /// It did not fit.
  void forget(const std::string& id) { entries_.erase(id); }

 private:
  struct Entry {
    std::string key;
    TimePoint since;
  };
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace sluice::routes
