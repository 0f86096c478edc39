#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("Server refuses connections over the limit until one leaves", "[server][integration]") {
  constexpr auto kHealth = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
  Proxy proxy([](app::Settings& settings) { settings.server.max_connections = 3; });
  std::vector<RawConnection> connections;
  for (int i = 0; i < 3; ++i) {
    connections.emplace_back(proxy.port());
    REQUIRE(connections.back().send(kHealth));
    CHECK(connections.back().read_response().status == 200);
  }

  RawConnection refused(proxy.port());
  const auto response = refused.read_response();
  CHECK(response.status == 503);
  CHECK(response.complete);
  CHECK(response.headers["Retry-After"] == "5");
  CHECK(response.headers["Access-Control-Allow-Origin"] == "*");
  CHECK(response.headers["X-Content-Type-Options"] == "nosniff");
  CHECK(response.headers["Connection"] == "close");
  CHECK(response.closed_after);

  for (auto& connection : connections) {
    REQUIRE(connection.send(kHealth));
    CHECK(connection.read_response().status == 200);
  }
  connections.pop_back();
  CHECK(eventually([&] { return get(proxy.port(), "/health").status == 200; }, 5s));
}
