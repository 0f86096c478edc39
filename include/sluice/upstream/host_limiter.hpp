#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sluice/core/clock.hpp"
#include "sluice/net/cancel.hpp"

namespace sluice::upstream {

/// How many requests may be under way to one origin at once, over all workers. It exists to keep
/// bursts of requests on a few connections; those over the limit wait in the order they came. Any
/// thread.
class HostLimiter {
 public:
  struct Options {
    unsigned max_concurrent = 10;  ///< per origin; 0 = no limit
    unsigned max_waiting = 1000;   ///< per origin
    Clock::duration max_wait = std::chrono::seconds(15);
  };

  class Permit;

  explicit HostLimiter(Options options);
  ~HostLimiter();
  HostLimiter(const HostLimiter&) = delete;
  HostLimiter& operator=(const HostLimiter&) = delete;

  /// The right to have one request under way to `origin`, if that takes no waiting; otherwise a
  /// Permit that is false.
  [[nodiscard]] Permit try_acquire(std::string_view origin);
  /// Waits for it, on the caller's executor. host_busy when too many wait or it took too long, or
  /// cancel_error().
  [[nodiscard]] awaitable<Result<Permit>> acquire(std::string origin, net::CancelSignal* cancel);

  /// Requests of `origin` that hold a permit, and that wait; for tests and metrics.
  struct Load {
    unsigned under_way = 0;
    std::size_t waiting = 0;
  };
  [[nodiscard]] Load load(std::string_view origin) const;
  /// Origins remembered; those without requests are forgotten when there are many.
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

  [[nodiscard]] Host& host(std::string_view origin);
  void give_back(Host& host) noexcept;

  const Options options_;
  mutable std::mutex mutex_;  ///< guards what follows; held for a few lines at a time
  std::unordered_map<std::string, std::unique_ptr<Host>, Hash, std::equal_to<>> hosts_;
};

/// Held while a request is under way, given back when destroyed. The limiter must outlive it.
class HostLimiter::Permit {
 public:
  Permit() = default;
  Permit(Permit&& other) noexcept { *this = std::move(other); }
  Permit& operator=(Permit&& other) noexcept {
    if (this != &other) {
      give_back();
      limiter_ = std::exchange(other.limiter_, nullptr);
      host_ = std::exchange(other.host_, nullptr);
    }
    return *this;
  }
  ~Permit() { give_back(); }

  [[nodiscard]] explicit operator bool() const noexcept { return limiter_ != nullptr; }
  void give_back() noexcept;

 private:
  friend class HostLimiter;
  /// `host` is null where there is no limit.
  Permit(HostLimiter& limiter, Host* host) noexcept : limiter_(&limiter), host_(host) {}

  HostLimiter* limiter_ = nullptr;
  Host* host_ = nullptr;
};

}  // namespace sluice::upstream
