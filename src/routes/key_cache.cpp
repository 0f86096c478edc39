#include "sluice/routes/key_cache.hpp"

#include <algorithm>
#include <utility>

namespace sluice::routes {

std::optional<std::string> KeyCache::find(const std::string& id, TimePoint now) const {
  const auto found = entries_.find(id);
  if (found == entries_.end() || now - found->second.since >= kMaxAge) return std::nullopt;
  return found->second.key;
}

void KeyCache::put(std::string id, std::string key, TimePoint now) {
  if (entries_.size() >= kMaxKeys && !entries_.contains(id)) {
    entries_.erase(std::min_element(
        entries_.begin(), entries_.end(),
        [](const auto& a, const auto& b) { return a.second.since < b.second.since; }));
  }
  entries_.insert_or_assign(std::move(id), Entry{std::move(key), now});
}

}  // namespace sluice::routes
