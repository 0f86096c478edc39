#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sluice/net/stream.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::upstream {

/// The idle keep-alive connections of one worker, by origin (scheme, host, port). Those that grow
/// too old, or that the origin closed, are closed within a second or so. One thread.
class ConnectionPool : private net::Ticker::Listener {
 public:
  ConnectionPool(net::Ticker& ticker, const Settings& settings)
      : ticker_(ticker), settings_(settings) {}

  /// The most recently used connection under `key` that is still usable; null when there is none.
  [[nodiscard]] std::unique_ptr<net::Stream> take(const std::string& key);
  /// Keeps a connection whose last response was read to its end; closes it when enough are kept.
  void give(const std::string& key, std::unique_ptr<net::Stream> stream, TimePoint now);

 private:
  struct Idle {
    std::unique_ptr<net::Stream> stream;
    TimePoint since;
  };

  void on_tick(TimePoint now) override;

  net::Ticker& ticker_;
  const Settings& settings_;
  std::unordered_map<std::string, std::vector<Idle>> idle_;  ///< newest last
  TimePoint next_sweep_{};
};

}  // namespace sluice::upstream
