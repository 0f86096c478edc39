#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sluice/core/clock.hpp"
#include "sluice/core/error.hpp"
#include "sluice/net/asio.hpp"
#include "sluice/net/cancel.hpp"

namespace sluice::net {

class Worker;

struct ResolverOptions {
  /// Threads that wait for the system's resolver.
  unsigned threads = 4;
  /// A found address is used again for this long; 0 asks each time.
  Clock::duration cache_ttl{};
};

/// Looks names up with the system's resolver (getaddrinfo: hosts file, search domains, DNS) on
/// threads of its own, which start with the first look-up. Equal look-ups under way share one
/// answer. Any thread.
class Resolver {
 public:
  /// Look-ups that may wait for a free thread; one more is resolver_busy.
  static constexpr std::size_t kMaxWaiting = 1024;

  explicit Resolver(ResolverOptions options);
  /// Waits for look-ups under way, which the system's resolver bounds.
  ~Resolver();

  /// The addresses of `host` in the order to try them; an address literal is answered at once.
  /// host_not_found, resolver_busy, connect_timeout (the deadline passed; the look-up goes on for
  /// the cache), or cancel_error().
  [[nodiscard]] awaitable<Result<std::vector<asio::ip::address>>> resolve(Worker& worker,
                                                                          std::string host,
                                                                          Deadline deadline,
                                                                          CancelSignal* cancel);

  /// A look-up is under way.
  [[nodiscard]] bool busy() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace sluice::net
