#pragma once

#include <vector>

#include "sluice/net/asio.hpp"

namespace sluice::upstream {

/// The sockets on which this server itself takes requests. Fetching from one of them would ask the
/// server about itself, in a circle if the client wants it so; no setting allows that.
///
/// Filled before the workers start, then only read, by any thread.
class OwnListeners {
 public:
  /// `bound` is the real address, with the real port.
  void add(const tcp::endpoint& bound) { bound_.push_back(bound); }

  /// Whether a connection to `destination` would end at one of them. A listener on an unspecified
  /// address has its port on every address of this machine, as the system knows them at this
  /// moment; one on a single address only there. The system is asked only when the port is one of
  /// theirs.
  [[nodiscard]] bool contain(const tcp::endpoint& destination) const;

 private:
  std::vector<tcp::endpoint> bound_;
};

}  // namespace sluice::upstream
