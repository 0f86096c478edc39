#include <sys/socket.h>

#include <chrono>
#include <string>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/socket.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kStream = "/proxy/stream";

/// A listening port whose queue of connections nobody accepts is full, so that the kernel lets
/// further ones wait.
class FullBacklog {
 public:
  FullBacklog() : listener_(listen_on_loopback(false)) {
    REQUIRE(::listen(listener_.get(), 0) == 0);
    for (int i = 0; i < 3; ++i) {
      fillers_.push_back(connect_to_loopback(bound_port(listener_), false, 0, Clock::now() + 50ms));
    }
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(bound_port(listener_)) + "/";
  }

 private:
  Fd listener_;
  std::vector<Fd> fillers_;
};

}  // namespace

TEST_CASE("Client gives an origin dial_timeout to accept", "[upstream][integration]") {
  const FullBacklog nobody;
  const Proxy proxy([](app::Settings& settings) { settings.upstream.dial_timeout = 200ms; });
  const auto started = Clock::now();
  check_error(proxy.fetch(kStream, nobody.url()), 504, "could not be reached in time");
  CHECK(Clock::now() - started >= 200ms);
}

TEST_CASE("Client says when nobody listens", "[upstream][integration]") {
  const auto refusing = refuse_on_loopback();
  const auto port = bound_port(refusing);
  const Proxy proxy;
  check_error(proxy.fetch(kStream, "http://127.0.0.1:" + std::to_string(port) + "/"), 502,
              "does not accept connections");
  check_error(proxy.fetch(kStream, "http://no..such.name/"), 502, "host name was not found");
}

TEST_CASE("Client gives a TLS handshake tls_timeout", "[upstream][integration]") {
  const auto silent = listen_on_loopback(false);
  const Proxy proxy([](app::Settings& settings) { settings.upstream.tls_timeout = 200ms; });
  check_error(proxy.fetch(kStream, "https://127.0.0.1:" + std::to_string(bound_port(silent)) + "/"),
              504, "TLS handshake with the origin took too long");
}

TEST_CASE("Client gives a response head first_byte_timeout", "[upstream][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
  };
  const auto row = GENERATE(values<Row>({
      {"silence", never_answer()},
      {"a head that drips is not a head",
       [](const OriginRequest&, Connection& connection) {
         connection.drip("HTTP/1.1 200 OK\r\nX-Long: " + std::string(1000, 'x'), 1, 20ms);
       }},
      {"interim responses do not count",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(102);
         connection.wait_for_peer_close(20s);
       }},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", row.handler);
  const Proxy proxy([](app::Settings& settings) { settings.upstream.first_byte_timeout = 300ms; });
  check_error(proxy.fetch(kStream, origin.url("/")), 504, "did not answer in time");
  CHECK(origin.wait_for_open_connections(0));
  CHECK(origin.request_count() == 1);
}

TEST_CASE("Client lets a body come slowly as long as it keeps coming", "[upstream][integration]") {
  const auto body = random_bytes(60);
  ScriptedOrigin origin;
  // Twelve pauses of 50 ms: longer than the limits together, none of them alone.
  origin.on("/", slow_drip(body, 5, 50ms));
  const Proxy proxy([](app::Settings& settings) {
    settings.upstream.idle_timeout = 500ms;
    settings.upstream.first_byte_timeout = 500ms;
  });
  const auto response = proxy.fetch(kStream, origin.url("/"));
  CHECK(response.complete);
  CHECK(response.body == body);
}

TEST_CASE("Client passes each piece of a slow body on at once", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", [](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", "8"}});
    connection.pause(100ms);
    connection.send("half");
    // The rest comes only when the client has gone: what it has then was not held back.
    connection.wait_for_peer_close(20s);
  });
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send(request_bytes(proxy.port(), "GET", Proxy::target(kStream, origin.url("/")))));
  auto response = client.read_head();
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  CHECK(client.read_body(response, 4));
  CHECK(response.body == "half");
}

TEST_CASE("A client that reads slowly is not taken for a slow origin", "[upstream][integration]") {
  const auto body = random_bytes(12 * 1024 * 1024);
  ScriptedOrigin origin;
  origin.on("/", serve_body(body));
  const Proxy proxy([](app::Settings& settings) { settings.upstream.idle_timeout = 400ms; });
  ClientOptions options;
  options.receive_buffer = 64 * 1024;
  RawConnection client(proxy.port(), options);
  REQUIRE(client.send(request_bytes(proxy.port(), "GET", Proxy::target(kStream, origin.url("/")))));
  auto response = client.read_head();
  CHECK_FALSE(client.closed_within(900ms));
  client.read_body(response, body.size());
  CHECK(response.complete);
  CHECK(sha256_hex(response.body) == sha256_hex(body));
}

TEST_CASE("An origin is left when the client leaves", "[upstream][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
  };
  const auto row = GENERATE(values<Row>({
      {"while it is silent", never_answer()},
      {"while its body pauses",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(200, {{"Content-Length", "100"}});
         connection.send("a beginning");
         connection.wait_for_peer_close(20s);
       }},
      {"while its body keeps coming",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(200, {{"Transfer-Encoding", "chunked"}});
         const auto piece = random_bytes(10'000);
         while (connection.send_chunk(piece)) {
         }
       }},
  }));
  INFO(row.why);
  const bool by_reset = GENERATE(false, true);
  INFO("client leaves by " << (by_reset ? "RST" : "FIN"));
  ScriptedOrigin origin;
  origin.on("/", row.handler);
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send(request_bytes(proxy.port(), "GET", Proxy::target(kStream, origin.url("/")))));
  REQUIRE(origin.wait_for_requests(1));
  const auto left = Clock::now();
  by_reset ? client.reset() : client.close();
  CHECK(origin.wait_for_open_connections(0, 5s));
  CHECK(Clock::now() - left < 3s);
}

}  // namespace sluice::test
