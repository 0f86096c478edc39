#include "sluice/net/ticker.hpp"

#include <chrono>
#include <vector>

#include "support/catch.hpp"

namespace sluice::net {
namespace {

using namespace std::chrono_literals;

class Counter final : public Ticker::Listener {
 public:
  void on_tick(TimePoint now) override { ticks.push_back(now); }
  std::vector<TimePoint> ticks;
};

}  // namespace

TEST_CASE("Ticker tells its listeners the time until they leave", "[net][unit]") {
  asio::io_context io(1);
  Ticker ticker(io);
  Counter counter;
  ticker.add(counter);
  while (counter.ticks.size() < 3) REQUIRE(io.run_one_for(10s) == 1);
  CHECK(counter.ticks[1] - counter.ticks[0] >= Ticker::kInterval / 2);
  CHECK(counter.ticks[2] > counter.ticks[1]);
  Ticker::remove(counter);
  // Without listeners the clock stops, and with it the loop.
  io.run_for(10s);
  CHECK(io.stopped());
  CHECK(counter.ticks.size() == 3);
}

TEST_CASE("Ticker starts again for a listener that comes later", "[net][unit]") {
  asio::io_context io(1);
  Ticker ticker(io);
  {
    Counter gone;
    ticker.add(gone);
  }
  io.run_for(10s);
  CHECK(io.stopped());
  Counter counter;
  ticker.add(counter);
  io.restart();
  while (counter.ticks.empty()) REQUIRE(io.run_one_for(10s) == 1);
  CHECK(counter.ticks.size() == 1);
}

TEST_CASE("Ticker forgets a listener that is destroyed", "[net][unit]") {
  asio::io_context io(1);
  Ticker ticker(io);
  Counter stays;
  {
    Counter goes;
    ticker.add(goes);
    ticker.add(stays);
  }
  while (stays.ticks.empty()) REQUIRE(io.run_one_for(10s) == 1);
  CHECK(stays.ticks.size() == 1);
}

}  // namespace sluice::net
