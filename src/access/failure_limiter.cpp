#include "sluice/access/failure_limiter.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include "sluice/access/trusted_proxies.hpp"

namespace sluice::access {
namespace {

constexpr auto kTrust = std::chrono::hours(1);
/// A record is refreshed by successes at most this often.
constexpr auto kTrustStep = std::chrono::minutes(5);

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

FailureLimiter::Record& FailureLimiter::record(const Key& key, TimePoint now) {
  if (const auto known = records_.find(key); known != records_.end()) return known->second;
  if (records_.size() >= kMaxAddresses) {
    const auto useless = [&](const auto& entry) {
      return spent(entry.second, now) == 0 && entry.second.trusted_until <= now;
    };
    if (std::erase_if(records_, useless) == 0) {
      records_.erase(std::min_element(records_.begin(), records_.end(),
                                      [](auto& a, auto& b) { return a.second.at < b.second.at; }));
    }
  }
  auto& made = records_[key];
  made.at = now;
  return made;
}

Clock::duration FailureLimiter::wait_for(const boost::asio::ip::address& client, TimePoint now) {
  if (per_minute_ == 0) return {};
  const std::lock_guard lock(mutex_);
  const auto known = records_.find(key_of(client));
  if (known == records_.end() || known->second.trusted_until > now) return {};
  const auto over = spent(known->second, now) + 1 - per_minute_;
  if (over <= 0) return {};
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double, std::ratio<60>>(over / per_minute_));
}

void FailureLimiter::succeeded(const boost::asio::ip::address& client, TimePoint now) {
  if (per_minute_ == 0) return;
  const std::lock_guard lock(mutex_);
  auto& at = record(key_of(client), now);
  if (at.trusted_until < now + kTrust - kTrustStep) at.trusted_until = now + kTrust;
}

void FailureLimiter::failed(const boost::asio::ip::address& client, std::string_view credentials,
                            TimePoint now) {
  if (per_minute_ == 0) return;
  const auto hash = std::hash<std::string_view>()(credentials);
  const std::lock_guard lock(mutex_);
  auto& at = record(key_of(client), now);
  if (at.last_wrong == hash) return;
  at.last_wrong = hash;
  at.spent = std::min<double>(spent(at, now) + 1, per_minute_);
  at.at = now;
}

std::size_t FailureLimiter::addresses() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

}  // namespace sluice::access
