#include "sluice/upstream/connection_pool.hpp"

#include "sluice/net/worker.hpp"

namespace sluice::upstream {
namespace {

constexpr auto kSweepInterval = std::chrono::seconds(1);

}  // namespace

ConnectionPool::ConnectionPool(net::Worker& worker, HostLimiter& limiter, const Settings& settings)
    : ticker_(worker.ticker()), limiter_(limiter), settings_(settings) {
  limiter.join(worker, [this](const std::string& key) { evict(key); });
}

std::optional<ConnectionPool::Kept> ConnectionPool::take(const std::string& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return std::nullopt;
  auto& connections = found->second;
  std::optional<Kept> usable;
  while (!usable && !connections.empty()) {
    auto kept = std::move(connections.back().connection);
    connections.pop_back();
    if (kept.stream->is_quiet()) usable = std::move(kept);
  }
  if (connections.empty()) idle_.erase(found);
  if (usable) usable->permit.use();
  return usable;
}

void ConnectionPool::give(const std::string& key, Kept connection, TimePoint now) {
  if (retired_ || settings_.pool_max_idle_per_host == 0) return;
  if (!connection.permit) connection.permit = limiter_.try_acquire(key);
  if (!connection.permit || limiter_.pass_on(connection.permit, connection.stream)) return;
  auto& connections = idle_[key];
  if (connections.size() >= settings_.pool_max_idle_per_host) {
    connections.erase(connections.begin());
  }
  connections.push_back({std::move(connection), now});
  if (!is_linked()) ticker_.add(*this);
}

void ConnectionPool::retire() {
  retired_ = true;
  idle_.clear();
}

void ConnectionPool::evict(const std::string& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return;
  found->second.erase(found->second.begin());
  if (found->second.empty()) idle_.erase(found);
}

void ConnectionPool::on_tick(TimePoint now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kSweepInterval;
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    std::erase_if(entry->second, [&](const Idle& idle) {
      return now - idle.since >= settings_.pool_idle_timeout || !idle.connection.stream->is_quiet();
    });
    entry = entry->second.empty() ? idle_.erase(entry) : std::next(entry);
  }
  if (idle_.empty()) net::Ticker::remove(*this);
}

}  // namespace sluice::upstream
