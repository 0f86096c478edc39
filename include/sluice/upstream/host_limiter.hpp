#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sluice/core/clock.hpp"
#include "sluice/net/cancel.hpp"
#include "sluice/net/stream.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::upstream {

/// How many connections there may be to one origin at once, over all workers: those with a request
/// under way and those kept for the next one. It forces bursts of requests onto a few connections;
/// requests over the limit wait in the order they came, but one of the worker whose connection gets
/// free may go first (a few times), because it can use it. Any thread.
class HostLimiter {
 public:
  struct Options {
    unsigned max_concurrent = 10;  ///< per origin; 0 = no limit
    unsigned max_waiting = 1000;   ///< per origin
    Clock::duration max_wait = std::chrono::seconds(15);
  };

  [[nodiscard]] static Options options_of(const Settings& settings) {
    return {settings.max_concurrent_per_host, settings.limiter_max_waiting, settings.limiter_wait};
  }

  class Permit;
  struct Grant;
  /// Closes the oldest kept connection to that origin, on its own worker's thread.
  using Evict = std::function<void(const std::string& origin)>;

  explicit HostLimiter(Options options);
  ~HostLimiter();
  HostLimiter(const HostLimiter&) = delete;
  HostLimiter& operator=(const HostLimiter&) = delete;

  /// Makes known how `worker` closes kept connections. For each worker before they start; again, in
  /// place of what it said before, on its own thread.
  void join(net::Worker& worker, Evict evict);
  /// Those that wait go on at once where there is room now. Any thread.
  void set_options(Options options);

  /// The right to have one connection to `origin`, if that takes no waiting; otherwise a Permit
  /// that is false.
  [[nodiscard]] Permit try_acquire(std::string_view origin);
  /// Waits for it, on the thread of `worker`. host_busy when too many wait or it took too long, or
  /// cancel_error().
  [[nodiscard]] awaitable<Result<Grant>> acquire(std::string origin, net::Worker& worker,
                                                 net::CancelSignal* cancel);
  /// `stream`, whose last response was read to its end, is free. True when somebody waited: both
  /// are gone, the stream to a request of the same worker or closed. False when nobody did: the
  /// permit stays with the stream, which is to be kept.
  [[nodiscard]] bool pass_on(Permit& permit, std::unique_ptr<net::Stream>& stream);

  /// What there is of one origin; for tests and metrics.
  struct Load {
    unsigned connections = 0;  ///< permits given
    unsigned kept = 0;         ///< of them without a request
    std::size_t waiting = 0;
  };
  [[nodiscard]] Load load(std::string_view origin) const;
  struct OriginLoad {
    std::string origin;
    Load load;
  };
  /// The `most` origins with the most connections and waiting requests together, the busiest first;
  /// none that has neither.
  [[nodiscard]] std::vector<OriginLoad> busiest(std::size_t most) const;
  /// Origins remembered; those without connections are forgotten when there are many.
  [[nodiscard]] std::size_t known_origins() const;

 private:
  struct Host;
  struct Waiter;
  class Place;
  struct Hash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  struct Member {
    net::Worker* worker;
    Evict evict;
  };

  [[nodiscard]] Host& host(std::string_view origin);
  void give_back(Host& host, bool kept) noexcept;
  static void hand_over(std::shared_ptr<Waiter> next);
  void use(Host& host) noexcept;
  [[nodiscard]] bool has_room(const Host& host) const noexcept;
  void evict_one(const std::string& origin);

  std::vector<Member> members_;
  mutable std::mutex mutex_;  ///< guards what follows; held for a few lines at a time
  Options options_;
  std::atomic<bool> unlimited_;  ///< as options_ says
  std::unordered_map<std::string, std::unique_ptr<Host>, Hash, std::equal_to<>> hosts_;
};

/// Held as long as the connection counts, given back when destroyed. The limiter must outlive it.
class HostLimiter::Permit {
 public:
  Permit() = default;
  Permit(Permit&& other) noexcept { *this = std::move(other); }
  Permit& operator=(Permit&& other) noexcept {
    if (this != &other) {
      give_back();
      limiter_ = std::exchange(other.limiter_, nullptr);
      host_ = std::exchange(other.host_, nullptr);
      kept_ = std::exchange(other.kept_, false);
    }
    return *this;
  }
  ~Permit() { give_back(); }

  [[nodiscard]] explicit operator bool() const noexcept { return limiter_ != nullptr; }
  void give_back() noexcept;
  /// The kept connection gets a request again.
  void use() noexcept;

 private:
  friend class HostLimiter;
  /// `host` is null where there is no limit.
  Permit(HostLimiter& limiter, Host* host) noexcept : limiter_(&limiter), host_(host) {}

  HostLimiter* limiter_ = nullptr;
  Host* host_ = nullptr;
  bool kept_ = false;
};

struct HostLimiter::Grant {
  Permit permit;
  std::unique_ptr<net::Stream> stream;  ///< a connection that came free with it; may be null
};

}  // namespace sluice::upstream
