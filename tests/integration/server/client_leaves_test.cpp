#include <chrono>
#include <string>

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

/// About a second is promised; the machine may be busy.
constexpr auto kSoon = 4s;

/// Sends the head, a part of the body, and then nothing for as long as the peer stays.
OriginHandler stall(std::size_t length, std::size_t sent) {
  return [=](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", std::to_string(length)}});
    connection.send(random_bytes(sent));
    connection.wait_for_peer_close(30s);
  };
}

std::string stream_request(const Proxy& proxy, const ScriptedOrigin& origin) {
  return request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", origin.url("/body")));
}

}  // namespace

TEST_CASE("The origin's connection ends soon after the client has left", "[server][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
    bool head;  ///< the client waits for the response's head
  };
  const Row rows[] = {
      {"origin drips", slow_drip(random_bytes(100'000), 10, 20ms), true},
      {"origin stalls in the body", stall(100'000, 1000), true},
      {"origin stalls before the body", stall(100'000, 0), true},
      {"origin does not answer", never_answer(), false},
      {"origin sends more than fits", serve_body(random_bytes(32 * 1024 * 1024)), true},
  };
  for (const auto& row : rows) {
    for (const bool reset : {false, true}) {
      INFO(row.why);
      CAPTURE(reset);
      ScriptedOrigin origin;
      origin.on("/body", row.handler);
      Proxy proxy;
      RawConnection client(proxy.port());
      REQUIRE(client.send(stream_request(proxy, origin)));
      REQUIRE(origin.wait_for_requests(1));
      if (row.head) CHECK(client.read_head().status == 200);
      CHECK(origin.open_connections() == 1);
      reset ? client.reset() : client.close();
      CHECK(origin.wait_for_open_connections(0, kSoon));
      CHECK(get(proxy.port(), "/health").status == 200);
    }
  }
}

TEST_CASE("A half-closed client gets its whole response", "[server][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(1200);
  Proxy proxy;
  RawConnection client(proxy.port());
  SECTION("of an origin that keeps sending") {
    origin.on("/body", slow_drip(body, 100, 100ms));
    REQUIRE(client.send(stream_request(proxy, origin)));
    client.half_close();
  }
  SECTION("of an origin that sends at once") {
    origin.on("/body", serve_body(body));
    REQUIRE(client.send(stream_request(proxy, origin)));
    client.half_close();
  }
  SECTION("when it half-closes in mid-body") {
    origin.on("/body", slow_drip(body, 100, 100ms));
    REQUIRE(client.send(stream_request(proxy, origin)));
    REQUIRE(origin.wait_for_requests(1));
    client.half_close();
  }
  const auto response = client.read_response();
  CHECK(response.complete);
  CHECK(response.body == body);
  CHECK(client.closed_within(5s));
}

TEST_CASE("A half-closed client gets the replies to all it asked for", "[server][integration]") {
  Proxy proxy;
  RawConnection client(proxy.port());
  const std::string health = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
  REQUIRE(client.send(health + health + health));
  client.half_close();
  for (int i = 0; i < 3; ++i) CHECK(client.read_response().status == 200);
  CHECK(client.closed_within(5s));
}

TEST_CASE("A request that breaks off is not executed", "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/body", status(200));
  Proxy proxy;
  const auto whole = stream_request(proxy, origin);
  const std::string parts[] = {
      whole.substr(0, 10), whole.substr(0, whole.size() - 2),
      whole.substr(0, whole.size() - 2) + "Content-Length: 5\r\n\r\nhell",
      whole.substr(0, whole.size() - 2) + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"};
  for (const auto& part : parts) {
    CAPTURE(part);
    RawConnection client(proxy.port());
    REQUIRE(client.send(part));
    client.half_close();
    CHECK(client.closed_within(5s));
    CHECK(client.read_until_close().empty());
  }
  CHECK(origin.request_count() == 0);
}
