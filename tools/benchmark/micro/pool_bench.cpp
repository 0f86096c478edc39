// Idle connections to origins: one is taken for a request and given back after it. The cost holds
// the system call that asks whether the connection is still quiet.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "sluice/net/stream.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/upstream/connection_pool.hpp"

namespace sluice::upstream {
namespace {

/// A worker whose loop nobody runs, and origins that accept and stay silent.
class Bench {
 public:
  std::unique_ptr<net::Stream> connect() {
    tcp::socket near(worker.io());
    near.connect(acceptor_.local_endpoint());
    far_.push_back(acceptor_.accept());
    near.non_blocking(true);
    return std::make_unique<net::Stream>(worker, near.release());
  }

  net::Worker worker;

 private:
  tcp::acceptor acceptor_{worker.io(), {asio::ip::address_v4::loopback(), 0}};
  std::vector<tcp::socket> far_;
};

void take_and_give(benchmark::State& state) {
  Bench bench;
  const Settings settings;
  HostLimiter limiter(HostLimiter::Options{});
  ConnectionPool pool(bench.worker, limiter, settings);
  const auto origins = static_cast<std::size_t>(state.range(0));
  std::vector<std::string> keys;
  for (std::size_t number = 0; number < origins; ++number) {
    keys.push_back("https://edge-" + std::to_string(number) + ".cdn.example:443");
    pool.give(keys.back(), {bench.connect(), {}}, Clock::now());
  }
  const TimePoint now = Clock::now();
  std::size_t next = 0;
  for (auto _ : state) {
    auto kept = pool.take(keys[next]);
    if (!kept) return state.SkipWithError("the pool is empty");
    pool.give(keys[next], *std::move(kept), now);
    next = (next + 1) % origins;
  }
}
BENCHMARK(take_and_give)->Arg(1)->Arg(200);

}  // namespace
}  // namespace sluice::upstream
