#include <chrono>
#include <string>
#include <thread>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kHealth = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr auto kTimeout = 300ms;
constexpr auto kNotBefore = 150ms;
constexpr auto kPatience = 5s;

class Stopwatch {
 public:
  [[nodiscard]] std::chrono::steady_clock::duration elapsed() const {
    return std::chrono::steady_clock::now() - start_;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

TEST_CASE("Server closes a connection that never says anything", "[server][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.server.first_byte_timeout = kTimeout; });
  const Stopwatch watch;
  RawConnection silent(proxy.port());
  SECTION("nothing") {}
  SECTION("only empty lines") {
    REQUIRE(silent.send("\r\n\r\n"));
  }
  CHECK(silent.closed_within(kPatience));
  CHECK(watch.elapsed() >= kNotBefore);
  CHECK(silent.read_until_close().empty());
}

TEST_CASE("Server closes an idle connection silently", "[server][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.server.idle_timeout = kTimeout; });
  RawConnection idle(proxy.port());
  REQUIRE(idle.send(kHealth));
  CHECK(idle.read_response().status == 200);
  const Stopwatch watch;
  SECTION("nothing") {}
  SECTION("only an empty line") {
    REQUIRE(idle.send("\r\n"));
  }
  CHECK(idle.closed_within(kPatience));
  CHECK(watch.elapsed() >= kNotBefore);
  CHECK(idle.read_until_close().empty());
}

TEST_CASE("Server answers 408 to a request that does not end in time", "[server][integration]") {
  struct Row {
    const char* why;
    std::string head;
    std::string drip;  ///< sent in single bytes after it
  };
  const std::string drip(40, 'a');  // 2 s
  const Row rows[] = {
      {"head dribbles", "GET /health HTTP/1.1\r\nHost: h\r\nX: ", drip},
      {"head stops", "GET /health HTTP/1.1\r\nHo", ""},
      {"only the CR of an empty line", "\r", ""},
      {"body of known length dribbles",
       "POST /health HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n", drip},
      {"chunk extension dribbles",
       "POST /health HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;", drip},
      {"no body after 100 Continue",
       "POST /health HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", ""},
  };
  Proxy proxy([](app::Settings& settings) { settings.server.head_timeout = kTimeout; });
  for (const auto& row : rows) {
    INFO(row.why);
    RawConnection slow(proxy.port());
    const Stopwatch watch;
    REQUIRE(slow.send(row.head));
    if (!row.drip.empty()) CHECK_FALSE(slow.send_slowly(row.drip, 1, 50ms));
    const auto response = slow.read_response();
    CHECK(response.status == 408);
    CHECK(response.complete);
    CHECK(response.headers["Connection"] == "close");
    CHECK(response.closed_after);
    CHECK(watch.elapsed() >= kNotBefore);
    CHECK(watch.elapsed() < kPatience);
  }
}

TEST_CASE("Server's head time-out starts anew with each request", "[server][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.server.head_timeout = 600ms; });
  RawConnection connection(proxy.port());
  for (int i = 0; i < 3; ++i) {
    REQUIRE(connection.send("GET /health HTTP/1.1\r\n"));
    CHECK_FALSE(connection.closed_within(250ms));
    REQUIRE(connection.send("Host: h\r\n\r\n"));
    CHECK(connection.read_response().status == 200);
  }
}

TEST_CASE("Server drops a client that stops reading, and serves the others",
          "[server][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(32 * 1024 * 1024);
  origin.on("/large", serve_body(body));
  Proxy proxy([](app::Settings& settings) { settings.server.send_timeout = 400ms; });
  ClientOptions small_buffer;
  small_buffer.receive_buffer = 8 * 1024;
  RawConnection stalled(proxy.port(), small_buffer);
  REQUIRE(stalled.send(
      request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", origin.url("/large")))));
  const auto head = stalled.read_head();
  CHECK(head.status == 200);
  CHECK(get(proxy.port(), "/health").status == 200);
  // The origin's connection ends with the client's.
  CHECK(origin.wait_for_requests(1));
  CHECK(origin.wait_for_open_connections(0, kPatience));
  CHECK(get(proxy.port(), "/health").status == 200);
  auto rest = head;
  stalled.read_body(rest, body.size());
  CHECK_FALSE(rest.complete);
}

TEST_CASE("Server is patient with a client that reads slowly but steadily",
          "[server][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(1024 * 1024);
  origin.on("/large", serve_body(body));
  Proxy proxy([](app::Settings& settings) { settings.server.send_timeout = 400ms; });
  ClientOptions smallest_buffer;
  smallest_buffer.receive_buffer = 1;
  RawConnection slow(proxy.port(), smallest_buffer);
  REQUIRE(slow.send(
      request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", origin.url("/large")))));
  auto response = slow.read_head();
  // So little in each time-out that the kernel reports no room for more.
  for (int i = 0; i < 40; ++i) {
    REQUIRE(slow.read_body(response, 1));
    std::this_thread::sleep_for(40ms);  // being slow is what is tested
  }
  CHECK(body.starts_with(response.body));
  // A client that was given up would go on reading what the kernel still holds for it.
  CHECK(origin.open_connections() == 1);
  CHECK(response.body.size() < body.size() / 4);
}
