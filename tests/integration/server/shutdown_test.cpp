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

constexpr auto kHealth = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr auto kPatience = 5s;

/// A proxy with a response under way that takes the origin about a second, its head received.
struct Running {
  explicit Running(std::chrono::milliseconds grace)
      : proxy([grace](app::Settings& settings) { settings.server.shutdown_grace = grace; }),
        client(proxy.port()) {}

  void start(const OriginHandler& handler) {
    origin.on("/body", handler);
    REQUIRE(client.send(
        request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", origin.url("/body")))));
    response = client.read_head();
    REQUIRE(response.status == 200);
    REQUIRE(client.read_body(response, 1));
  }
  void read_rest() { client.read_body(response, body.size() + 1); }

  std::string body = random_bytes(2000);
  OriginHandler drip = slow_drip(body, 100, 50ms);
  ScriptedOrigin origin;
  Proxy proxy;
  RawConnection client;
  Response response;
};

/// The same body as slow_drip's, in chunks.
OriginHandler drip_in_chunks(std::string body) {
  return [body = std::move(body)](const OriginRequest&, Connection& connection) {
    bool going = connection.send_head(200, {{"Transfer-Encoding", "chunked"}});
    for (std::size_t at = 0; going && at < body.size(); at += 100) {
      going = connection.send_chunk(body.substr(at, 100)) && connection.pause(50ms);
    }
    if (going) connection.end_chunks();
  };
}

/// A head, one byte of the body, and silence.
OriginHandler stall_in(std::string body) {
  return [body = std::move(body)](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", std::to_string(body.size())}});
    connection.send(body.substr(0, 1));
    connection.wait_for_peer_close(30s);
  };
}

}  // namespace

TEST_CASE("Stopping closes idle connections soon", "[server][integration]") {
  Proxy proxy;
  RawConnection fresh(proxy.port());
  RawConnection idle(proxy.port());
  REQUIRE(idle.send(kHealth));
  CHECK(idle.read_response().status == 200);
  proxy.request_stop();
  CHECK(idle.closed_within(kPatience));
  CHECK(fresh.closed_within(kPatience));
  CHECK(idle.read_until_close().empty());
  CHECK(fresh.read_until_close().empty());
  CHECK(eventually([&] { return proxy.stopped(); }, kPatience));
}

TEST_CASE("Stopping answers the request of a connection that has just come",
          "[server][integration]") {
  // Its client cannot know yet, and a reset would reach a first request, which nobody repeats.
  Proxy proxy;
  RawConnection fresh(proxy.port());
  RawConnection idle(proxy.port());
  REQUIRE(idle.send(kHealth));
  REQUIRE(idle.read_response().status == 200);
  proxy.request_stop();
  REQUIRE(idle.closed_within(kPatience));
  REQUIRE(fresh.send(kHealth));
  const auto response = fresh.read_response();
  CHECK(response.status == 200);
  CHECK(response.headers["Connection"] == "close");
  CHECK(fresh.closed_within(kPatience));
  CHECK(eventually([&] { return proxy.stopped(); }, kPatience));
}

TEST_CASE("Stopping lets a running response finish and takes nothing new",
          "[server][integration]") {
  Running running(30s);
  SECTION("known length") {
    running.start(running.drip);
  }
  SECTION("chunks") {
    running.start(drip_in_chunks(running.body));
  }
  const auto port = running.proxy.port();
  REQUIRE(RawConnection(port).connected());
  running.proxy.request_stop();
  CHECK(eventually([&] { return !RawConnection(port).connected(); }, kPatience));
  CHECK_FALSE(running.proxy.stopped());
  running.read_rest();
  CHECK(running.response.complete);
  CHECK(running.response.body == running.body);
  CHECK(running.client.closed_within(kPatience));
  CHECK(eventually([&] { return running.proxy.stopped(); }, kPatience));
}

TEST_CASE("Stopping tells the client of a response begun later that the connection ends",
          "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/late", [](const OriginRequest&, Connection& connection) {
    if (connection.pause(300ms)) connection.send_response(200, {}, "late");
  });
  origin.on("/never", status(200));
  Proxy proxy;
  RawConnection client(proxy.port());
  const auto request = [&](std::string_view path) {
    return request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", origin.url(path)));
  };
  REQUIRE(client.send(request("/late") + request("/never")));
  REQUIRE(origin.wait_for_requests(1));
  proxy.request_stop();
  const auto response = client.read_response();
  CHECK(response.body == "late");
  CHECK(response.headers["Connection"] == "close");
  CHECK(client.closed_within(kPatience));
  CHECK(origin.request_count() == 1);
  CHECK(eventually([&] { return proxy.stopped(); }, kPatience));
}

TEST_CASE("Stopping answers a request whose origin stays silent beyond the grace",
          "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/silent", never_answer());
  Proxy proxy([](auto& settings) { settings.server.shutdown_grace = 200ms; });
  RawConnection client(proxy.port());
  REQUIRE(client.send(
      request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", origin.url("/silent")))));
  REQUIRE(origin.wait_for_requests(1));
  proxy.request_stop();
  const auto response = client.read_response();
  CHECK(response.status == 503);
  CHECK(response.complete);
  CHECK(eventually([&] { return proxy.stopped(); }, kPatience));
}

TEST_CASE("Stopping cuts a response that outlasts the grace, never cleanly",
          "[server][integration]") {
  Running running(200ms);
  SECTION("known length") {
    running.start(running.drip);
  }
  SECTION("chunks") {
    running.start(drip_in_chunks(running.body));
  }
  running.proxy.request_stop();
  running.read_rest();
  CHECK_FALSE(running.response.complete);
  CHECK_FALSE(running.response.timed_out);
  CHECK(running.response.body.size() < running.body.size());
  CHECK(eventually([&] { return running.proxy.stopped(); }, kPatience));
  CHECK(running.origin.wait_for_open_connections(0));
}

TEST_CASE("Stopping cuts a body that ends with the connection by a reset",
          "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/body", drip_in_chunks(random_bytes(2000)));
  Proxy proxy([](app::Settings& settings) { settings.server.shutdown_grace = 200ms; });
  RawConnection client(proxy.port());
  REQUIRE(client.send("GET " + Proxy::target("/proxy/stream", origin.url("/body")) +
                      " HTTP/1.0\r\n\r\n"));
  auto response = client.read_head();
  REQUIRE(response.framing == Framing::close);
  proxy.request_stop();
  client.read_body(response, 2001);
  CHECK_FALSE(response.complete);
  CHECK_FALSE(response.timed_out);
}

TEST_CASE("A second stop request does not wait", "[server][integration]") {
  Running running(30s);
  running.start(stall_in(running.body));
  running.proxy.request_stop();
  CHECK_FALSE(running.client.closed_within(200ms));
  CHECK_FALSE(running.proxy.stopped());
  running.proxy.request_stop();
  CHECK(eventually([&] { return running.proxy.stopped(); }, kPatience));
  running.read_rest();
  CHECK_FALSE(running.response.complete);
}
