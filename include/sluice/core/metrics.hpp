#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sluice/core/clock.hpp"
#include "sluice/core/error.hpp"

namespace sluice {

/// What is counted. How each is published is told by a table in routes/metrics_text.
enum class Count : std::uint8_t {
  // By the thread that accepts.
  connections_accepted,
  connections_refused,
  // By the worker.
  connections_ended,
  requests_begun,
  requests_ended,  ///< the last byte of the body has been handed to the system, or never will be
  bytes_spliced,   ///< of response bodies, to clients
  bytes_copied,    ///< the same, through this process's memory
  bytes_received,  ///< of response bodies, from origins
  origin_connections_opened,
  origin_connections_reused,
  dns_cached,
  dns_found,
  dns_failed,
  redirects,
  retries_stale,   ///< at once, since a reused connection turned out dead
  retries_failed,  ///< the attempt broke before a response head
  retries_status,  ///< 502, 503 or 504
  resumes_succeeded,
  resumes_refused,  ///< what came is not proven to be the rest
  resumes_failed,
  limiter_queue_full,
  limiter_too_long,
  playlists_recalled,  ///< a live playlist's last state stood in for one that could not be fetched
  auth_ok,
  auth_no_credentials,
  auth_wrong_password,
  auth_invalid_token,
  auth_too_many_failures,
};
inline constexpr std::size_t kCounts = static_cast<std::size_t>(Count::auth_too_many_failures) + 1;

/// The routes that go together; few, so that a histogram for each is cheap.
enum class RouteFamily : std::uint8_t { stream, hls, mpd, telegram, extractor, other };
inline constexpr std::size_t kRouteFamilies = 6;
/// Of a route's pattern, "/proxy/hls/segment.{ext}".
[[nodiscard]] RouteFamily family_of(std::string_view pattern) noexcept;
[[nodiscard]] std::string_view to_string(RouteFamily family) noexcept;

/// The path of a request, in its order; `total` is all of it.
enum class Step : std::uint8_t {
  route,       ///< from the request's head to the route that answers it
  auth,        ///< the access check
  dial,        ///< waits for a turn, look-ups, connects and handshakes
  first_byte,  ///< from the beginning of the fetch until the origin's head was complete
  send,        ///< from the beginning of the response to its last byte
  total,
};
inline constexpr std::size_t kSteps = 6;
[[nodiscard]] std::string_view to_string(Step step) noexcept;

/// A number that only grows. One thread adds, any thread reads: no locked instruction is needed.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Upper bounds of a histogram's buckets; what is longer is only in its total.
inline constexpr auto kDurationBounds = [] {
  using namespace std::chrono_literals;
  return std::array<std::chrono::microseconds, 15>{
      1ms, 2500us, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s, 30s, 60s};
}();

/// A histogram's numbers at one time.
struct DurationCounts {
  std::array<std::uint64_t, kDurationBounds.size() + 1> buckets{};  ///< not cumulative
  std::chrono::nanoseconds sum{};

  [[nodiscard]] std::uint64_t count() const noexcept;
};

/// How long something took. One thread observes, any thread reads.
class DurationHistogram {
 public:
  void observe(Clock::duration length) noexcept;
  void add_to(DurationCounts& counts) const noexcept;

 private:
  std::array<Counter, kDurationBounds.size() + 1> buckets_;
  Counter nanoseconds_;
};

/// All numbers at one time, of all workers together.
struct MetricsSnapshot {
  std::array<std::uint64_t, kCounts> counts{};
  static constexpr std::size_t kErrors = static_cast<std::size_t>(Errc::internal) + 1;
  std::array<std::uint64_t, kErrors> errors{};           ///< requests that failed, by Errc
  std::array<std::uint64_t, kErrors> failed_connects{};  ///< to origins, by Errc
  struct Family {
    std::uint64_t requests = 0;  ///< begun
    std::array<DurationCounts, kSteps> steps;
  };
  std::array<Family, kRouteFamilies> families;
  DurationCounts limiter_wait;
  /// Ended requests by route pattern and status; status 0 stands for those that found no place.
  std::map<std::pair<std::string, unsigned>, std::uint64_t> requests;
  std::chrono::seconds uptime{};
  std::chrono::system_clock::time_point started{};

  [[nodiscard]] std::uint64_t operator[](Count count) const noexcept {
    return counts[static_cast<std::size_t>(count)];
  }
};

/// What one worker has counted. Its thread writes (the two of Count that say so: the thread that
/// accepts), any thread reads; no lock and no allocation on the path of a request, but for the
/// first one of a route.
class WorkerMetrics {
 public:
  WorkerMetrics();
  ~WorkerMetrics();
  WorkerMetrics(const WorkerMetrics&) = delete;
  WorkerMetrics& operator=(const WorkerMetrics&) = delete;

  void add(Count count, std::uint64_t amount = 1) noexcept {
    (count <= Count::connections_refused ? accepting_.counts[static_cast<std::size_t>(count)]
                                         : counts_[static_cast<std::size_t>(count)])
        .add(amount);
  }
  void add_error(Errc code) noexcept { errors_[static_cast<std::size_t>(code)].add(); }
  void add_failed_connect(Errc code) noexcept {
    failed_connects_[static_cast<std::size_t>(code)].add();
  }
  /// A request has found its route.
  void add_request(RouteFamily family) noexcept { of(family).requests.add(); }
  /// A request ended with this status; 0 when its response was never begun. `route` is one of few
  /// patterns; a route's thirty-first different status and all further ones are counted together.
  void add_answer(std::string_view route, unsigned status);
  void observe(RouteFamily family, Step step, Clock::duration length) noexcept {
    of(family).steps[static_cast<std::size_t>(step)].observe(length);
  }
  void observe_limiter_wait(Clock::duration length) noexcept { limiter_wait_.observe(length); }

  void add_to(MetricsSnapshot& snapshot) const;

 private:
  struct Family {
    Counter requests;
    std::array<DurationHistogram, kSteps> steps;
  };
  /// The statuses of one route, in the order they first came.
  class Answers;
  struct Hash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  [[nodiscard]] Family& of(RouteFamily family) noexcept {
    return families_[static_cast<std::size_t>(family)];
  }
  [[nodiscard]] Answers& answers_of(std::string_view route);

  static constexpr std::size_t kCacheLine = 64;
  /// Written by another thread than the rest.
  struct alignas(kCacheLine) Accepting {
    std::array<Counter, 2> counts;
  };
  Accepting accepting_;
  alignas(kCacheLine) std::array<Counter, kCounts> counts_;
  std::array<Counter, MetricsSnapshot::kErrors> errors_;
  std::array<Counter, MetricsSnapshot::kErrors> failed_connects_;
  std::array<Family, kRouteFamilies> families_;
  DurationHistogram limiter_wait_;
  /// The worker alone adds routes, under the mutex, and so looks them up without.
  mutable std::mutex routes_mutex_;
  std::unordered_map<std::string, std::unique_ptr<Answers>, Hash, std::equal_to<>> routes_;
};

/// The program's numbers.
class Metrics {
 public:
  Metrics() = default;

  /// Before the workers run; `worker` outlives this.
  void join(const WorkerMetrics& worker) { workers_.push_back(&worker); }
  /// Any thread. Numbers that belong together may be a moment apart.
  [[nodiscard]] MetricsSnapshot snapshot() const;

 private:
  const TimePoint started_ = Clock::now();
  const std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now();
  std::vector<const WorkerMetrics*> workers_;
};

}  // namespace sluice
