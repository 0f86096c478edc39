#include "sluice/net/resolver.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/fake_resolver.hpp"
#include "unit/net/run_on_worker.hpp"

namespace sluice::net {
namespace {

using namespace std::chrono_literals;
using Found = Result<std::vector<asio::ip::address>>;

ResolverOptions cached_for(Clock::duration ttl) {
  return {2, ttl};
}

/// Looks `host` up on a loop of its own.
Found look_up(Resolver& resolver, const std::string& host, Clock::duration limit = 10s,
              CancelSignal* cancel = nullptr) {
  Worker worker;
  return test::run_on(worker, resolver.resolve(worker, host, Deadline::in(limit), cancel));
}

std::string text(const Found& found) {
  if (!found) return std::string(to_string(found.error().code));
  std::string all;
  for (const auto& address : *found) all += (all.empty() ? "" : " ") + address.to_string();
  return all;
}

}  // namespace

TEST_CASE("Resolver answers address literals without a look-up", "[net][unit]") {
  Resolver resolver(cached_for(0s));
  struct Row {
    const char* why;
    std::string host;
  };
  const auto row = GENERATE(values<Row>({
      {"IPv4", "192.0.2.7"},
      {"IPv6", "2001:db8::7"},
      {"IPv6 loopback", "::1"},
      {"IPv4 mapped", "::ffff:192.0.2.7"},
  }));
  INFO(row.why);
  // Even when there is no time left.
  CHECK(text(look_up(resolver, row.host, 0s)) == asio::ip::make_address(row.host).to_string());
  CHECK_FALSE(resolver.busy());
}

TEST_CASE("Resolver reads odd spellings of addresses as the C library does", "[net][unit]") {
  Resolver resolver(cached_for(0s));
  for (const std::string host : {"127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1"}) {
    INFO(host);
    CHECK(text(look_up(resolver, host)) == "127.0.0.1");
  }
}

TEST_CASE("Resolver finds localhost on loopback", "[net][unit]") {
  Resolver resolver(cached_for(0s));
  const auto found = look_up(resolver, "localhost");
  REQUIRE(found.has_value());
  REQUIRE_FALSE(found->empty());
  for (const auto& address : *found) CHECK(address.is_loopback());
}

TEST_CASE("Resolver says host_not_found for names that have no address", "[net][unit]") {
  const test::FakeResolver names;
  Resolver resolver(cached_for(30s));
  for (const std::string host : {"unknown.fake", "no..such.name", ""}) {
    INFO(host);
    const auto found = look_up(resolver, host);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error() == upstream_error(Errc::host_not_found));
  }
}

TEST_CASE("Resolver keeps what it found for cache_ttl and asks again then", "[net][unit]") {
  test::FakeResolver names;
  names.answer("a.fake", "192.0.2.1");
  SECTION("kept") {
    Resolver resolver(cached_for(30s));
    CHECK(text(look_up(resolver, "a.fake")) == "192.0.2.1");
    names.answer("a.fake", "192.0.2.2");
    CHECK(text(look_up(resolver, "a.fake")) == "192.0.2.1");
    CHECK(names.look_ups("a.fake") == 1);
  }
  SECTION("kept, but not for ever") {
    Resolver resolver(cached_for(20ms));
    CHECK(text(look_up(resolver, "a.fake")) == "192.0.2.1");
    names.answer("a.fake", "192.0.2.2");
    CHECK(test::eventually([&] { return text(look_up(resolver, "a.fake")) == "192.0.2.2"; }));
  }
  SECTION("not kept at all") {
    Resolver resolver(cached_for(0s));
    CHECK(text(look_up(resolver, "a.fake")) == "192.0.2.1");
    names.answer("a.fake", "192.0.2.2");
    CHECK(text(look_up(resolver, "a.fake")) == "192.0.2.2");
  }
  SECTION("a failure is not kept") {
    Resolver resolver(cached_for(30s));
    CHECK(text(look_up(resolver, "late.fake")) == "host_not_found");
    names.answer("late.fake", "192.0.2.3");
    CHECK(text(look_up(resolver, "late.fake")) == "192.0.2.3");
  }
}

TEST_CASE("Resolver joins equal look-ups under way", "[net][unit]") {
  Resolver resolver(cached_for(0s));
  test::FakeResolver names;  // goes first, so that the resolver waits for no held look-up
  names.answer("a.fake", "192.0.2.1");
  names.hold();
  std::vector<std::string> answers(3);
  std::vector<std::thread> callers;
  for (auto& answer : answers) {
    callers.emplace_back([&] { answer = text(look_up(resolver, "a.fake")); });
  }
  CHECK(test::eventually([&] { return names.look_ups("a.fake") == 1; }));
  // Time for the others to join, or to start a look-up they should not.
  std::this_thread::sleep_for(50ms);
  names.release();
  for (auto& caller : callers) caller.join();
  CHECK(answers == std::vector<std::string>(3, "192.0.2.1"));
  CHECK(names.look_ups("a.fake") == 1);
}

TEST_CASE("Resolver gives up at the deadline; the look-up goes on for the cache", "[net][unit]") {
  Resolver resolver(cached_for(30s));
  test::FakeResolver names;
  names.answer("slow.fake", "192.0.2.1");
  names.hold();
  CHECK(text(look_up(resolver, "slow.fake", 50ms)) == "connect_timeout");
  CHECK(resolver.busy());
  // A name that is slow does not hold another one up.
  CHECK(text(look_up(resolver, "127.1")) == "127.0.0.1");
  names.release();
  CHECK(test::eventually([&] { return !resolver.busy(); }));
  CHECK(text(look_up(resolver, "slow.fake", 0s)) == "192.0.2.1");
  CHECK(names.look_ups("slow.fake") == 1);
}

TEST_CASE("Resolver ends a wait that is cancelled, with the reason", "[net][unit]") {
  struct Row {
    const char* why;
    error_code reason;
    Errc expected;
    bool before;
  };
  const auto row = GENERATE(values<Row>({
      {"the client left", kClientGone, Errc::client_gone, false},
      {"the server stops", kShuttingDown, Errc::shutting_down, false},
      {"the client had left before", kClientGone, Errc::client_gone, true},
  }));
  INFO(row.why);
  Resolver resolver(cached_for(0s));
  test::FakeResolver names;
  names.hold();
  CancelSignal signal;
  Worker worker;
  asio::steady_timer timer(worker.io());
  if (row.before) {
    signal.cancel(row.reason);
  } else {
    timer.expires_after(20ms);
    timer.async_wait([&](error_code) { signal.cancel(row.reason); });
  }
  const auto found =
      test::run_on(worker, resolver.resolve(worker, "slow.fake", Deadline(), &signal));
  REQUIRE_FALSE(found.has_value());
  CHECK(to_string(found.error().code) == to_string(row.expected));
}

TEST_CASE("Resolver may be destroyed while nobody waits for its look-up any more", "[net][unit]") {
  test::FakeResolver names;
  names.hold();
  auto resolver = std::make_unique<Resolver>(cached_for(30s));
  CHECK(text(look_up(*resolver, "slow.fake", 10ms)) == "connect_timeout");
  CHECK(test::eventually([&] { return names.look_ups("slow.fake") == 1; }));
  std::thread releasing([&] {
    std::this_thread::sleep_for(20ms);
    names.release();
  });
  resolver.reset();
  releasing.join();
}

}  // namespace sluice::net
