#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sluice/net/stream.hpp"
#include "sluice/upstream/host_limiter.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::upstream {

/// The idle keep-alive connections of one worker, by where they lead. Those that grow too old, that
/// the origin closed, or that another worker needs a place for, are closed. One thread.
class ConnectionPool : private net::Ticker::Listener {
 public:
  /// `limiter` outlives it. Made on the worker's thread, or before the workers start; `limiter`
  /// asks the pool made last for connections to close.
  ConnectionPool(net::Worker& worker, HostLimiter& limiter, const Settings& settings);

  struct Kept {
    std::unique_ptr<net::Stream> stream;
    HostLimiter::Permit permit;
  };
  /// The most recently used connection under `key` that is still usable, if any.
  [[nodiscard]] std::optional<Kept> take(const std::string& key);
  /// A connection whose last response was read to its end: for who waits for one, or kept, or
  /// closed when enough are kept. A permit given back early is asked for again.
  void give(const std::string& key, Kept connection, TimePoint now);
  /// Closes what is kept, and everything given from now on.
  void retire();

 private:
  struct Idle {
    Kept connection;
    TimePoint since;
  };

  void on_tick(TimePoint now) override;
  void evict(const std::string& key);

  net::Ticker& ticker_;
  HostLimiter& limiter_;
  const Settings& settings_;
  std::unordered_map<std::string, std::vector<Idle>> idle_;  ///< newest last
  TimePoint next_sweep_{};
  bool retired_ = false;
};

}  // namespace sluice::upstream
