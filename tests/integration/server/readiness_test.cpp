#include <chrono>
#include <string>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 5s;

}  // namespace

TEST_CASE("Readiness ends when the server is told to stop, and health does not",
          "[server][integration]") {
  Proxy proxy([](app::Settings& settings) {
    settings.server.shutdown_delay = 60s;
    settings.auth.api_password = "secret";
  });
  const auto port = proxy.port();
  const auto ready = get(port, "/health/ready");
  CHECK(ready.status == 200);
  CHECK(ready.body == R"({"status":"ready"})");
  CHECK(ready.headers["Cache-Control"] == "no-store");
  RawConnection kept(port);
  REQUIRE(kept.send(request_bytes(port, "GET", "/health")));
  REQUIRE(kept.read_response().status == 200);

  proxy.request_stop();
  const auto draining = get(port, "/health/ready");
  CHECK(draining.status == 503);
  CHECK(draining.body == R"({"status":"draining"})");
  CHECK(draining.headers["Content-Type"] == "application/json");
  // New connections and kept ones are served as before.
  CHECK(get(port, "/health").body == R"({"status":"healthy"})");
  REQUIRE(kept.send(request_bytes(port, "GET", "/health/ready")));
  CHECK(kept.read_response().status == 503);
  REQUIRE(kept.send(request_bytes(port, "GET", "/health")));
  const auto after = kept.read_response();
  CHECK(after.status == 200);
  CHECK_FALSE(after.closed_after);
  CHECK_FALSE(proxy.stopped());

  // A second request does not wait for the delay.
  proxy.request_stop();
  CHECK(kept.closed_within(kPatience));
  CHECK(eventually([&] { return proxy.stopped(); }, kPatience));
}

TEST_CASE("The server stops by itself after the delay", "[server][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.server.shutdown_delay = 300ms; });
  const auto port = proxy.port();
  RawConnection idle(port);
  const auto before = std::chrono::steady_clock::now();
  proxy.request_stop();
  CHECK(RawConnection(port).connected());
  CHECK(idle.closed_within(kPatience));
  CHECK(std::chrono::steady_clock::now() - before >= 300ms);
  CHECK(eventually([&] { return proxy.stopped(); }, kPatience));
  CHECK_FALSE(RawConnection(port).connected());
}

}  // namespace sluice::test
