// The right to ask an origin: taken at once, taken by two threads at once, and handed to who waits.

#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>
#include <utility>

#include "sluice/net/asio.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/upstream/host_limiter.hpp"

namespace sluice::upstream {
namespace {

const std::string kOrigin = "https://edge-17.cdn.example:8443";

void acquire_at_once(benchmark::State& state) {
  static HostLimiter limiter{HostLimiter::Options{}};
  for (auto _ : state) {
    auto permit = limiter.try_acquire(kOrigin);
    if (!permit) return state.SkipWithError("nobody else holds a permit");
    benchmark::DoNotOptimize(permit);
  }
}
BENCHMARK(acquire_at_once)->Threads(1)->Threads(2)->UseRealTime();

awaitable<void> wait_for_turn(HostLimiter& limiter, net::Worker& worker,
                              HostLimiter::Permit& into) {
  auto grant = co_await limiter.acquire(kOrigin, worker, nullptr);
  if (grant) into = std::move(grant->permit);
}

/// A request begins to wait, the one before it ends, and it gets its turn on its own loop.
void hand_over(benchmark::State& state) {
  net::Worker worker;
  HostLimiter limiter({.max_concurrent = 1, .max_waiting = 10, .max_wait = std::chrono::hours(1)});
  auto held = limiter.try_acquire(kOrigin);
  for (auto _ : state) {
    HostLimiter::Permit next;
    asio::co_spawn(worker.io(), wait_for_turn(limiter, worker, next), asio::detached);
    worker.io().poll();
    held.give_back();
    worker.io().poll();
    if (!next) return state.SkipWithError("the turn did not come");
    held = std::move(next);
  }
}
BENCHMARK(hand_over);

}  // namespace
}  // namespace sluice::upstream
