#include "sluice/net/reactor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <optional>
#include <string>

#include "sluice/net/event.hpp"
#include "sluice/net/worker.hpp"
#include "support/catch.hpp"
#include "unit/net/run_on_worker.hpp"

namespace sluice::net {
namespace {

using namespace std::chrono_literals;

awaitable<void> say(Reactor& reactor, std::string& said, char letter, int times) {
  Sleeper turns(reactor);
  for (int i = 0; i < times; ++i) {
    said += letter;
    co_await turns.yield();
  }
}

awaitable<void> note_outcome(Sleeper& sleeper, std::optional<error_code>& outcome,
                             std::shared_ptr<int> owned) {
  auto [error] = co_await sleeper.sleep();
  outcome = error;
  owned.reset();
}

}  // namespace

TEST_CASE("Reactor lets those who yield take turns", "[net][unit]") {
  Worker worker;
  std::string said;
  for (const char letter : {'a', 'b', 'c'}) {
    asio::co_spawn(worker.io(), say(worker.reactor(), said, letter, 3), asio::detached);
  }
  while (worker.io().poll() > 0) continue;
  CHECK(said == "abcabcabc");
}

TEST_CASE("Reactor lets the rest of the worker go on while somebody always yields", "[net][unit]") {
  Worker worker;
  const auto work = [](Worker& at) -> awaitable<bool> {
    bool ended = false;
    const auto forever = [](Worker& here, const bool& end) -> awaitable<void> {
      Sleeper turns(here.reactor());
      while (!end) co_await turns.yield();
    };
    asio::co_spawn(at.io(), forever(at, ended), asio::detached);
    Event never(at);
    const auto error = co_await never.wait(Deadline::in(20ms), nullptr);  // needs a timer
    ended = true;
    Sleeper turns(at.reactor());
    co_await turns.yield();  // the other one ends before `ended` does
    co_await turns.yield();
    co_return error == asio::error::timed_out;
  };
  CHECK(test::run_on(worker, work(worker)));
}

TEST_CASE("Sleeper ends with what it is woken with, once", "[net][unit]") {
  Worker worker;
  Sleeper sleeper(worker.reactor());
  std::optional<error_code> outcome;
  sleeper.wake(asio::error::eof);  // nobody sleeps
  asio::co_spawn(worker.io(), note_outcome(sleeper, outcome, nullptr), asio::detached);
  while (worker.io().poll() > 0) continue;
  CHECK(sleeper.asleep());
  CHECK_FALSE(outcome.has_value());
  sleeper.wake(kClientGone);
  sleeper.wake(asio::error::timed_out);  // too late
  CHECK_FALSE(outcome.has_value());
  while (worker.io().poll() > 0) continue;
  REQUIRE(outcome.has_value());
  CHECK(*outcome == kClientGone);
  CHECK_FALSE(sleeper.asleep());
}

TEST_CASE("A worker that ends frees the coroutines that sleep", "[net][unit]") {
  const auto owned = std::make_shared<int>(1);
  std::optional<error_code> outcome;
  std::optional<Sleeper> sleeper;
  {
    Worker worker;
    sleeper.emplace(worker.reactor());
    asio::co_spawn(worker.io(), note_outcome(*sleeper, outcome, owned), asio::detached);
    while (worker.io().poll() > 0) continue;
    CHECK(owned.use_count() == 2);
  }
  CHECK(owned.use_count() == 1);
  CHECK_FALSE(outcome.has_value());
}

}  // namespace sluice::net
