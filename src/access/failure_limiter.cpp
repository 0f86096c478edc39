#include "sluice/access/failure_limiter.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

#include "sluice/access/trusted_proxies.hpp"

namespace sluice::access {
namespace {

constexpr auto kTrust = std::chrono::hours(1);
/// How much more an address may get wrong from which right credentials came.
constexpr double kTrustedFactor = 10;

double minutes(Clock::duration length) {
  return std::chrono::duration<double, std::ratio<60>>(length).count();
}

}  // namespace

std::size_t FailureLimiter::Hash::operator()(const Key& key) const noexcept {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(key.data()), key.size()});
}

/// The first 64 bits of an IPv6 address; an IPv4 one as itself, in a range no client has.
FailureLimiter::Key FailureLimiter::key_of(const boost::asio::ip::address& client) noexcept {
  Key key{};
  const auto address = plain_address(client);
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), key.begin() + 4);
  } else {
    const auto bytes = address.to_v6().to_bytes();
    std::copy_n(bytes.begin(), key.size(), key.begin());
  }
  return key;
}

double FailureLimiter::spent(const Record& record, TimePoint now) const noexcept {
  return std::max(0.0, record.spent - minutes(now - record.at) * per_minute_);
}

double FailureLimiter::allowance(const Record& record, TimePoint now) const noexcept {
  return static_cast<double>(per_minute_) * (record.trusted_until > now ? kTrustedFactor : 1);
}

FailureLimiter::Record& FailureLimiter::record(const Key& key, TimePoint now) {
  if (const auto known = records_.find(key); known != records_.end()) return known->second;
  if (records_.size() >= kMaxAddresses) {
    // Many at once, so that this look through all of them is rare.
    std::vector<TimePoint> quiet_since;
    quiet_since.reserve(records_.size());
    for (const auto& [known, kept] : records_) quiet_since.push_back(kept.at);
    const auto quarter = quiet_since.begin() + static_cast<std::ptrdiff_t>(records_.size() / 4);
    std::nth_element(quiet_since.begin(), quarter, quiet_since.end());
    std::erase_if(records_, [&](const auto& entry) { return entry.second.at <= *quarter; });
  }
  auto& made = records_[key];
  made.at = now;
  return made;
}

Clock::duration FailureLimiter::wait_for(const boost::asio::ip::address& client, TimePoint now) {
  if (per_minute_ == 0) return {};
  const std::lock_guard lock(mutex_);
  const auto known = records_.find(key_of(client));
  if (known == records_.end()) return {};
  const auto over = spent(known->second, now) + 1 - allowance(known->second, now);
  if (over <= 0) return {};
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double, std::ratio<60>>(over / per_minute_));
}

void FailureLimiter::succeeded(const boost::asio::ip::address& client, TimePoint now) {
  if (per_minute_ == 0) return;
  const std::lock_guard lock(mutex_);
  auto& at = record(key_of(client), now);
  at.spent = spent(at, now);
  at.at = now;
  at.trusted_until = now + kTrust;
}

void FailureLimiter::failed(const boost::asio::ip::address& client, std::string_view credentials,
                            TimePoint now) {
  if (per_minute_ == 0) return;
  const auto hash = std::hash<std::string_view>()(credentials);
  const std::lock_guard lock(mutex_);
  auto& at = record(key_of(client), now);
  if (at.last_wrong == hash) return;
  at.last_wrong = hash;
  at.spent = std::min(spent(at, now) + 1, allowance(at, now));
  at.at = now;
}

std::size_t FailureLimiter::addresses() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

}  // namespace sluice::access
