#include <chrono>
#include <string>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kHealth = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";

/// A request for `path` of the origin through /proxy/stream.
std::string stream_request(const Proxy& proxy, const ScriptedOrigin& origin,
                           std::string_view path) {
  return request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", origin.url(path)));
}

}  // namespace

TEST_CASE("Server keeps a connection as version and Connection header say",
          "[server][integration]") {
  struct Row {
    const char* why;
    std::string version;
    std::string lines;
    bool kept;
    std::string connection;  ///< header of the reply
  };
  const Row rows[] = {
      {"HTTP/1.1", "HTTP/1.1", "", true, ""},
      {"HTTP/1.1 asks to close", "HTTP/1.1", "Connection: close\r\n", false, "close"},
      {"close in a list, any case", "HTTP/1.1", "Connection: x, Close\r\n", false, "close"},
      {"close in a second header", "HTTP/1.1", "Connection: x\r\nConnection: close\r\n", false,
       "close"},
      {"HTTP/1.0", "HTTP/1.0", "", false, "close"},
      {"HTTP/1.0 asks to stay", "HTTP/1.0", "Connection: keep-alive\r\n", true, "keep-alive"},
      {"HTTP/1.0 asks for both", "HTTP/1.0", "Connection: close\r\n", false, "close"},
  };
  Proxy proxy;
  for (const auto& row : rows) {
    INFO(row.why);
    const auto bytes = "GET /health " + row.version + "\r\nHost: h\r\n" + row.lines + "\r\n";
    RawConnection connection(proxy.port());
    REQUIRE(connection.send(bytes));
    const auto first = connection.read_response();
    CHECK(first.status == 200);
    CHECK(first.version == "HTTP/1.1");
    CHECK(first.headers["Connection"] == row.connection);
    CHECK(first.closed_after == !row.kept);
    if (!row.kept) continue;
    REQUIRE(connection.send(bytes));
    CHECK(connection.read_response().status == 200);
  }
}

TEST_CASE("Server ends a body of unknown length for HTTP/1.0 by closing", "[server][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(100'000);
  origin.on("/chunks", chunked(body));
  Proxy proxy;
  RawConnection connection(proxy.port());
  REQUIRE(connection.send("GET " + Proxy::target("/proxy/stream", origin.url("/chunks")) +
                          " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  const auto response = connection.read_response();
  CHECK(response.framing == Framing::close);
  CHECK(response.headers["Connection"] == "close");
  CHECK(response.complete);
  CHECK(response.body == body);
}

TEST_CASE("Server sends no body to HEAD and keeps the connection", "[server][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(5000);
  origin.on("/file", serve_body(body));
  Proxy proxy;
  RawConnection connection(proxy.port());
  const std::string targets[] = {"/health", "/nowhere",
                                 Proxy::target("/proxy/stream", origin.url("/file"))};
  for (const auto& target : targets) {
    CAPTURE(target);
    REQUIRE(connection.send(request_bytes(proxy.port(), "HEAD", target)));
    const auto head = connection.read_response(true);
    REQUIRE(connection.send(request_bytes(proxy.port(), "GET", target)));
    const auto get = connection.read_response();
    CHECK(head.complete);
    CHECK(get.complete);
    CHECK(head.status == get.status);
    CHECK(head.body.empty());
    CHECK(head.headers["Content-Length"] == std::to_string(get.body.size()));
    for (const auto& line : get.headers) {
      const bool own = line.name == "Date" || line.name == "X-Request-Id";
      if (!own) CHECK(head.headers[line.name] == line.value);
    }
    CHECK(head.headers.size() == get.headers.size());
  }
}

TEST_CASE("Server answers pipelined requests in their order", "[server][integration]") {
  ScriptedOrigin origin;
  const auto slow = random_bytes(300, 7);
  origin.on("/slow", slow_drip(slow, 100, 100ms));
  std::vector<std::string> bodies;
  for (int i = 0; i < 20; ++i) {
    bodies.push_back("body " + std::to_string(i));
    origin.on("/" + std::to_string(i), serve_body(bodies.back()));
  }
  Proxy proxy;
  std::string all = stream_request(proxy, origin, "/slow");
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    all += stream_request(proxy, origin, "/" + std::to_string(i)) + kHealth;
  }
  RawConnection connection(proxy.port());
  REQUIRE(connection.send(all));
  CHECK(connection.read_response().body == slow);
  for (const auto& body : bodies) {
    CHECK(connection.read_response().body == body);
    CHECK(connection.read_response().headers["Content-Type"] == "application/json");
  }
  CHECK_FALSE(connection.closed_within(0ms));
}

TEST_CASE("Server takes no request after one that asked to close", "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/after", status(200));
  Proxy proxy;
  RawConnection connection(proxy.port());
  REQUIRE(connection.send("GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" +
                          stream_request(proxy, origin, "/after")));
  CHECK(connection.read_response().closed_after);
  CHECK(connection.read_until_close().empty());
  CHECK(origin.request_count() == 0);
}

TEST_CASE("Server takes requests in any pieces", "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/file", serve_body("the file"));
  Proxy proxy;
  const auto request = stream_request(proxy, origin, "/file");
  const auto chunked_request =
      "GET /health HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n";
  for (const std::size_t piece : {1, 2, 3, 7}) {
    CAPTURE(piece);
    RawConnection connection(proxy.port());
    REQUIRE(connection.send_slowly("\r\n\r\n" + request + "\r\n" + chunked_request + request, piece,
                                   0ms));
    CHECK(connection.read_response().body == "the file");
    CHECK(connection.read_response().status == 200);
    CHECK(connection.read_response().body == "the file");
  }
}

TEST_CASE("Server skips empty lines before a request", "[server][integration]") {
  Proxy proxy;
  RawConnection connection(proxy.port());
  const std::string many = [] {
    std::string lines;
    for (int i = 0; i < 100'000; ++i) lines += "\r\n";
    return lines;
  }();
  const std::string befores[] = {"\r\n", "\r\n\r\n", many};
  for (const auto& before : befores) {
    CAPTURE(before.size());
    REQUIRE(connection.send(before + kHealth));
    CHECK(connection.read_response().status == 200);
  }
  REQUIRE(connection.send("\r"));
  CHECK_FALSE(connection.closed_within(50ms));
  REQUIRE(connection.send(std::string("\n") + kHealth));
  CHECK(connection.read_response().status == 200);
}

TEST_CASE("Server takes an absolute-form target's host for the Host header",
          "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/list.m3u8", status(200, {{"Content-Type", "application/vnd.apple.mpegurl"}},
                                 "#EXTM3U\n#EXTINF:4,\nsegment.ts\n#EXT-X-ENDLIST\n"));
  Proxy proxy;
  const auto path = Proxy::target("/proxy/hls/manifest.m3u8", origin.url("/list.m3u8"));
  RawConnection connection(proxy.port());
  REQUIRE(connection.send("GET http://wanted.test:81" + path + " HTTP/1.1\r\nHost: other\r\n\r\n"));
  const auto response = connection.read_response();
  CHECK(response.status == 200);
  CHECK(response.body.find("\nhttp://wanted.test:81/proxy/") != std::string::npos);
  CHECK(response.body.find("other") == std::string::npos);
  REQUIRE(connection.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK(connection.read_response().status == 204);
}

TEST_CASE("Server spreads many connections and serves them all", "[server][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(20'000);
  origin.on("/file", serve_body(body));
  Proxy proxy;
  std::vector<RawConnection> connections;
  for (int i = 0; i < 64; ++i) connections.emplace_back(proxy.port());
  const auto request = stream_request(proxy, origin, "/file");
  for (int round = 0; round < 3; ++round) {
    for (auto& connection : connections) REQUIRE(connection.send(request));
    for (auto& connection : connections) {
      const auto response = connection.read_response();
      REQUIRE(response.complete);
      REQUIRE(response.body == body);
    }
  }
  CHECK(origin.request_count() == 3 * connections.size());
  CHECK(origin.problems().empty());
}
