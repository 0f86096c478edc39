#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "sluice/core/clock.hpp"

namespace sluice::access {

/// Bounds how fast one client address (of IPv6: one /64) may guess passwords and tokens. Wrong
/// credentials cost one each, the same ones over and over only once, so that a player that is set
/// up wrongly locks nobody out; each address wins back `per_minute` a minute and saves no more than
/// that. An address from which right credentials came within the hour has ten times as many: behind
/// one address there may be many clients. Any thread.
class FailureLimiter {
 public:
  /// Addresses remembered; those that have been quiet for longest are forgotten first.
  static constexpr std::size_t kMaxAddresses = 4096;

  /// 0 = no limit.
  explicit FailureLimiter(unsigned per_minute) : per_minute_(per_minute) {}

  /// How long until this address may try again; zero: now. `now` never goes back.
  [[nodiscard]] Clock::duration wait_for(const boost::asio::ip::address& client, TimePoint now);
  /// The credentials that were presented were right.
  void succeeded(const boost::asio::ip::address& client, TimePoint now);
  /// They were wrong.
  void failed(const boost::asio::ip::address& client, std::string_view credentials, TimePoint now);

  [[nodiscard]] std::size_t addresses() const;

 private:
  using Key = std::array<unsigned char, 8>;
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Record {
    double spent = 0;  ///< of per_minute_, at `at`
    TimePoint at{};
    std::size_t last_wrong = 0;  ///< hash of the credentials that failed last
    TimePoint trusted_until{};
  };

  [[nodiscard]] static Key key_of(const boost::asio::ip::address& client) noexcept;
  [[nodiscard]] double spent(const Record& record, TimePoint now) const noexcept;
  [[nodiscard]] double allowance(const Record& record, TimePoint now) const noexcept;
  Record& record(const Key& key, TimePoint now);

  const unsigned per_minute_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, Record, Hash> records_;
};

}  // namespace sluice::access
