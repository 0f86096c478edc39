#include "sluice/upstream/host_limiter.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <thread>
#include <vector>

#include "sluice/net/worker.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

namespace sluice::upstream {
namespace {

using namespace std::chrono_literals;
using Permit = HostLimiter::Permit;

const std::string kHost = "http://a.test:80";

/// Acquires on `io`; writes its number into `order` when it got the permit, or the error's name.
struct Seeker {
  net::Worker& worker;
  HostLimiter& limiter;
  std::vector<std::string>& log;

  void start(const std::string& name, Permit& into, net::CancelSignal* cancel = nullptr) const {
    const auto seek = [](HostLimiter& from, net::Worker& at, std::vector<std::string>& say,
                         std::string who, Permit& where,
                         net::CancelSignal* signal) -> awaitable<void> {
      auto grant = co_await from.acquire(kHost, at, signal);
      say.push_back(grant ? who : who + ":" + std::string(to_string(grant.error().code)));
      if (grant) where = std::move(grant->permit);
    };
    asio::co_spawn(worker.io(), seek(limiter, worker, log, name, into, cancel), asio::detached);
    settle();
  }
  void settle() const { worker.io().poll(); }
};

}  // namespace

TEST_CASE("HostLimiter gives as many permits per origin as allowed", "[upstream][unit]") {
  HostLimiter limiter({2, 10, 1s});
  auto first = limiter.try_acquire(kHost);
  auto second = limiter.try_acquire(kHost);
  CHECK(first);
  CHECK(second);
  CHECK_FALSE(limiter.try_acquire(kHost));
  CHECK(limiter.try_acquire("http://b.test:80"));
  CHECK(limiter.load(kHost).connections == 2);
  first.give_back();
  first.give_back();
  CHECK(limiter.load(kHost).connections == 1);
  auto moved = std::move(second);
  CHECK(limiter.load(kHost).connections == 1);
  moved = {};
  CHECK(limiter.load(kHost).connections == 0);
}

TEST_CASE("HostLimiter without a limit always gives", "[upstream][unit]") {
  HostLimiter limiter({0, 0, 0s});
  std::vector<Permit> permits;
  for (int i = 0; i < 1000; ++i) permits.push_back(limiter.try_acquire(kHost));
  for (const auto& permit : permits) CHECK(permit);
  CHECK(limiter.known_origins() == 0);
}

TEST_CASE("HostLimiter serves those who wait in their order", "[upstream][unit]") {
  HostLimiter limiter({1, 3, 10s});
  std::vector<std::string> log;
  auto held = limiter.try_acquire(kHost);
  Permit a, b, c, d;
  net::CancelSignal leaves;
  net::Worker worker;
  const Seeker seeker{worker, limiter, log};
  seeker.start("a", a);
  seeker.start("b", b, &leaves);
  seeker.start("c", c);
  CHECK(limiter.load(kHost).waiting == 3);

  SECTION("and refuses when too many wait") {
    seeker.start("d", d);
    CHECK(log == std::vector<std::string>{"d:host_busy"});
  }
  SECTION("one after the other") {
    held.give_back();
    seeker.settle();
    CHECK(log == std::vector<std::string>{"a"});
    CHECK_FALSE(limiter.try_acquire(kHost));
    a.give_back();
    seeker.settle();
    b.give_back();
    seeker.settle();
    CHECK(log == std::vector<std::string>{"a", "b", "c"});
    c.give_back();
    CHECK(limiter.load(kHost).connections == 0);
  }
  SECTION("who leaves the queue is passed over") {
    leaves.cancel(net::kClientGone);
    seeker.settle();
    CHECK(log == std::vector<std::string>{"b:client_gone"});
    held.give_back();
    seeker.settle();
    a.give_back();
    seeker.settle();
    CHECK(log == std::vector<std::string>{"b:client_gone", "a", "c"});
  }
  SECTION("who leaves while the permit is on its way passes it on") {
    held.give_back();  // to a, which does not know yet
    a = {};
    held = {};
    leaves.cancel(net::kClientGone);
    seeker.settle();
    a.give_back();
    seeker.settle();
    CHECK(log.back() == "c");
    c.give_back();
    CHECK(limiter.load(kHost).connections == 0);
  }
}

TEST_CASE("HostLimiter prefers the worker whose connection is free, a few times",
          "[upstream][unit]") {
  HostLimiter limiter({1, 100, 10s});
  std::vector<std::string> log;
  auto held = limiter.try_acquire(kHost);
  std::vector<Permit> permits(21);
  net::Worker here, there;
  const Seeker local{here, limiter, log};
  const Seeker remote{there, limiter, log};
  remote.start("remote", permits[0]);
  for (std::size_t i = 1; i < permits.size(); ++i) local.start("local", permits[i]);
  const auto stream_of = [&] {
    return std::make_unique<net::Stream>(here, ::socket(AF_INET, SOCK_STREAM, 0));
  };
  auto stream = stream_of();
  CHECK(limiter.pass_on(held, stream));
  CHECK_FALSE(held);
  for (std::size_t turn = 1; turn < permits.size(); ++turn) {
    local.settle();
    remote.settle();
    REQUIRE(log.size() == turn);
    for (auto& permit : permits) {
      if (!permit) continue;
      stream = stream_of();
      CHECK(limiter.pass_on(permit, stream));
      break;
    }
  }
  CHECK(log[0] == "local");
  CHECK(std::count(log.begin(), log.end(), "remote") == 1);
}

TEST_CASE("HostLimiter has kept connections closed for who has none", "[upstream][unit]") {
  HostLimiter limiter({1, 3, 10s});
  std::vector<std::string> log;
  net::Worker here, there;
  auto kept = limiter.try_acquire(kHost);
  std::string evicted;
  limiter.join(here, [&](const std::string& origin) {
    evicted = origin;
    kept.give_back();
  });
  auto stream = std::make_unique<net::Stream>(here, ::socket(AF_INET, SOCK_STREAM, 0));
  CHECK_FALSE(limiter.pass_on(kept, stream));
  CHECK(stream);
  CHECK(limiter.load(kHost).kept == 1);
  Permit a;
  const Seeker remote{there, limiter, log};
  remote.start("remote", a);
  CHECK(log.empty());
  here.io().poll();
  CHECK(evicted == kHost);
  remote.settle();
  CHECK(log == std::vector<std::string>{"remote"});
  CHECK(limiter.load(kHost).kept == 0);
  CHECK(limiter.load(kHost).connections == 1);
}

TEST_CASE("HostLimiter lets nobody wait for longer than allowed", "[upstream][unit]") {
  HostLimiter limiter({1, 3, 5ms});
  std::vector<std::string> log;
  const auto held = limiter.try_acquire(kHost);
  Permit a;
  net::Worker worker;
  const Seeker seeker{worker, limiter, log};
  seeker.start("a", a);
  CHECK(test::eventually([&] {
    seeker.settle();
    return !log.empty();
  }));
  CHECK(log == std::vector<std::string>{"a:host_busy"});
  CHECK(limiter.load(kHost).waiting == 0);
}

TEST_CASE("HostLimiter keeps what a destroyed coroutine held", "[upstream][unit]") {
  HostLimiter limiter({1, 3, 10s});
  auto held = limiter.try_acquire(kHost);
  std::vector<std::string> log;
  Permit a;
  {
    net::Worker worker;
    Seeker{worker, limiter, log}.start("a", a);
    CHECK(limiter.load(kHost).waiting == 1);
    SECTION("while it waits") {}
    SECTION("once it was granted") {
      held.give_back();
    }
  }
  held.give_back();
  CHECK(limiter.load(kHost).waiting == 0);
  CHECK(limiter.load(kHost).connections == 0);
}

TEST_CASE("HostLimiter forgets idle origins when it knows many", "[upstream][unit]") {
  HostLimiter limiter({1, 3, 10s});
  const auto held = limiter.try_acquire("http://kept.test:80");
  for (int i = 0; i < 10'000; ++i) {
    static_cast<void>(limiter.try_acquire("http://" + std::to_string(i) + ".test:80"));
  }
  CHECK(limiter.known_origins() <= 1024);
  CHECK(limiter.load("http://kept.test:80").connections == 1);
}

TEST_CASE("HostLimiter counts right over many threads", "[upstream][unit]") {
  HostLimiter limiter({3, 10'000, 30s});
  net::WorkerPool workers(4);
  std::atomic<int> inside = 0, most = 0, done = 0;
  const auto seek = [](HostLimiter& from, net::Worker& at, std::atomic<int>& in,
                       std::atomic<int>& top, std::atomic<int>& finished) -> awaitable<void> {
    for (int i = 0; i < 50; ++i) {
      auto grant = co_await from.acquire(kHost, at, nullptr);
      const int now = ++in;
      for (int seen = top; now > seen && !top.compare_exchange_weak(seen, now);) {
      }
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
      --in;
      if (grant) ++finished;
    }
  };
  for (int i = 0; i < 40; ++i) {
    auto& worker = workers[static_cast<std::size_t>(i) % 4];
    asio::co_spawn(worker.io(), seek(limiter, worker, inside, most, done), asio::detached);
  }
  workers.start();
  CHECK(test::eventually([&] { return done == 40 * 50; }));
  CHECK(most <= 3);
  CHECK(limiter.load(kHost).connections == 0);
}

}  // namespace sluice::upstream
