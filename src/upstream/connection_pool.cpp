#include "sluice/upstream/connection_pool.hpp"

namespace sluice::upstream {
namespace {

constexpr auto kSweepInterval = std::chrono::seconds(1);

}  // namespace

std::unique_ptr<net::Stream> ConnectionPool::take(const std::string& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  auto& connections = found->second;
  std::unique_ptr<net::Stream> usable;
  while (!usable && !connections.empty()) {
    auto stream = std::move(connections.back().stream);
    connections.pop_back();
    if (stream->is_quiet()) usable = std::move(stream);
  }
  if (connections.empty()) idle_.erase(found);
  return usable;
}

void ConnectionPool::give(const std::string& key, std::unique_ptr<net::Stream> stream,
                          TimePoint now) {
  if (settings_.pool_max_idle_per_host == 0) return;
  auto& connections = idle_[key];
  if (connections.size() >= settings_.pool_max_idle_per_host) {
    connections.erase(connections.begin());
  }
  connections.push_back({std::move(stream), now});
  if (!is_linked()) ticker_.add(*this);
}

void ConnectionPool::on_tick(TimePoint now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kSweepInterval;
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    std::erase_if(entry->second, [&](const Idle& idle) {
      return now - idle.since >= settings_.pool_idle_timeout || !idle.stream->is_quiet();
    });
    entry = entry->second.empty() ? idle_.erase(entry) : std::next(entry);
  }
  if (idle_.empty()) net::Ticker::remove(*this);
}

}  // namespace sluice::upstream
