#include "sluice/access/failure_limiter.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::access;
using namespace std::chrono_literals;

namespace {

const auto kGuesser = boost::asio::ip::make_address("192.0.2.1");
const auto kOther = boost::asio::ip::make_address("192.0.2.2");
const TimePoint kStart{};

void fail(FailureLimiter& limiter, const boost::asio::ip::address& client, int times,
          TimePoint now = kStart) {
  for (int i = 0; i < times; ++i) limiter.failed(client, "guess " + std::to_string(i), now);
}

bool open_to(FailureLimiter& limiter, const boost::asio::ip::address& client,
             TimePoint now = kStart) {
  return limiter.wait_for(client, now) == Clock::duration::zero();
}

}  // namespace

TEST_CASE("FailureLimiter closes after its number of guesses, and opens as time goes by",
          "[access][unit]") {
  FailureLimiter limiter(6);
  fail(limiter, kGuesser, 5);
  CHECK(open_to(limiter, kGuesser));
  limiter.failed(kGuesser, "one more", kStart);
  CHECK_FALSE(open_to(limiter, kGuesser));
  CHECK(open_to(limiter, kOther));

  // Six a minute: one comes back every ten seconds.
  CHECK(limiter.wait_for(kGuesser, kStart + 4s) > 5s);
  CHECK(limiter.wait_for(kGuesser, kStart + 4s) < 7s);
  CHECK(open_to(limiter, kGuesser, kStart + 11s));
  limiter.failed(kGuesser, "again", kStart + 11s);
  CHECK_FALSE(open_to(limiter, kGuesser, kStart + 11s));
  CHECK(open_to(limiter, kGuesser, kStart + 2min));
  // Nothing is saved up beyond the number.
  fail(limiter, kGuesser, 6, kStart + 24h);
  CHECK_FALSE(open_to(limiter, kGuesser, kStart + 24h));
}

TEST_CASE("FailureLimiter counts wrong credentials that are repeated once", "[access][unit]") {
  FailureLimiter limiter(3);
  for (int i = 0; i < 1000; ++i) limiter.failed(kGuesser, "old password", kStart);
  CHECK(open_to(limiter, kGuesser));
  fail(limiter, kGuesser, 3);
  CHECK_FALSE(open_to(limiter, kGuesser));
}

TEST_CASE("FailureLimiter allows more to who has shown the right credentials", "[access][unit]") {
  FailureLimiter limiter(3);
  limiter.succeeded(kGuesser, kStart);
  fail(limiter, kGuesser, 29);
  CHECK(open_to(limiter, kGuesser));
  limiter.failed(kGuesser, "one more", kStart);
  CHECK_FALSE(open_to(limiter, kGuesser));
  fail(limiter, kGuesser, 3, kStart + 61min);
  CHECK_FALSE(open_to(limiter, kGuesser, kStart + 61min));
  limiter.succeeded(kOther, kStart);
  limiter.succeeded(kOther, kStart + 50min);
  fail(limiter, kOther, 29, kStart + 61min);
  CHECK(open_to(limiter, kOther, kStart + 61min));
}

TEST_CASE("FailureLimiter takes an IPv6 network for one client", "[access][unit]") {
  FailureLimiter limiter(3);
  for (int i = 0; i < 3; ++i) {
    limiter.failed(boost::asio::ip::make_address("2001:db8::" + std::to_string(i)),
                   std::to_string(i), kStart);
  }
  CHECK_FALSE(open_to(limiter, boost::asio::ip::make_address("2001:db8::ffff"), kStart));
  CHECK(open_to(limiter, boost::asio::ip::make_address("2001:db8:0:1::1"), kStart));
  fail(limiter, boost::asio::ip::make_address("::ffff:192.0.2.1"), 3);
  CHECK_FALSE(open_to(limiter, kGuesser));
}

TEST_CASE("FailureLimiter remembers a bounded number of addresses", "[access][unit]") {
  FailureLimiter limiter(3);
  fail(limiter, kGuesser, 3, kStart + 1s);
  for (unsigned i = 0; i < 3 * FailureLimiter::kMaxAddresses; ++i) {
    limiter.failed(boost::asio::ip::address_v4(0x0a000000 + i), "x", kStart);
  }
  CHECK(limiter.addresses() <= FailureLimiter::kMaxAddresses);
  CHECK_FALSE(open_to(limiter, kGuesser, kStart + 1s));  // quiet for less long than the others
}

TEST_CASE("FailureLimiter without a number limits nothing", "[access][unit]") {
  FailureLimiter limiter(0);
  fail(limiter, kGuesser, 10'000);
  CHECK(open_to(limiter, kGuesser));
  CHECK(limiter.addresses() == 0);
}
