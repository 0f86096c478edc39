#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

const auto kEveryRoute = {"/proxy/stream", "/proxy/hls/manifest.m3u8", "/proxy/hls/segment.ts"};

}  // namespace

TEST_CASE("An origin's error status reaches the client at once, as our own words",
          "[upstream][routes][integration]") {
  struct Row {
    int status;
    const char* words;
  };
  const auto row = GENERATE(values<Row>({
      {400, "400 Bad Request"},
      {401, "401 Unauthorized"},
      {403, "403 Forbidden"},
      {404, "404 Not Found"},
      {410, "410 Gone"},
      {416, "416"},
      {429, "429 Too Many Requests"},
      {451, "451 Unavailable For Legal Reasons"},
      {500, "500 Internal Server Error"},
      {502, "502 Bad Gateway"},
      {503, "503 Service Unavailable"},
      {504, "504 Gateway Timeout"},
      {509, "509"},
      {599, "599"},
  }));
  INFO(row.status);
  ScriptedOrigin origin;
  origin.on("/", status(row.status,
                        {{"Retry-After", "7"},
                         {"Content-Type", "text/html"},
                         {"Set-Cookie", "a=b"},
                         {"WWW-Authenticate", "Basic"},
                         {"Location", "/elsewhere"},
                         {"Server", "secret/1.0"}},
                        "<html>http://127.0.0.1/secret</html>"));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  for (const auto* route : kEveryRoute) {
    INFO(route);
    const auto response = proxy.fetch(route, origin.url("/"));
    check_error(response, row.status, row.words);
    CHECK(response.headers["Retry-After"] == "7");
    CHECK(response.body.find("secret") == std::string::npos);
    for (const auto* hidden : {"Set-Cookie", "WWW-Authenticate", "Location", "Server"}) {
      INFO(hidden);
      CHECK_FALSE(response.headers.contains(hidden));
    }
  }
  // Neither tried again nor given up: the error's body was read, the connection kept.
  CHECK(origin.request_count() == 3);
  CHECK(origin.connection_count() == 1);
}

TEST_CASE("A refused range says how long the resource is", "[upstream][routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789"));
  const Proxy proxy;
  for (const auto* route : kEveryRoute) {
    INFO(route);
    const auto response = proxy.fetch(route, origin.url("/"), "", {{"Range", "bytes=10-"}});
    check_error(response, 416, "416");
    CHECK(response.headers["Content-Range"] == "bytes */10");
  }
}

TEST_CASE("An error's body does not hold the reply up", "[upstream][routes][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
  };
  const auto row = GENERATE(values<Row>({
      {"large", status(404, {}, random_bytes(2'000'000))},
      {"endless",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(404, {{"Transfer-Encoding", "chunked"}});
         const auto piece = random_bytes(10'000);
         while (connection.send_chunk(piece)) {
         }
       }},
      {"never sent",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(404, {{"Content-Length", "100"}});
         connection.wait_for_peer_close(std::chrono::seconds(20));
       }},
      {"cut",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(404, {{"Content-Length", "100"}});
         connection.reset();
       }},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", row.handler);
  const Proxy proxy;
  check_error(proxy.fetch("/proxy/stream", origin.url("/")), 404, "404 Not Found");
  CHECK(origin.wait_for_open_connections(0));
}

TEST_CASE("An error answers HEAD with the same head and no body",
          "[upstream][routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(404, {{"Retry-After", "7"}}, "gone"));
  const Proxy proxy;
  for (const auto* route : kEveryRoute) {
    INFO(route);
    const auto target = Proxy::target(route, origin.url("/"));
    const auto full = get(proxy.port(), target);
    const auto head = request(proxy.port(), "HEAD", target);
    CHECK(head.complete);
    CHECK(head.status == 404);
    CHECK(head.body.empty());
    for (const auto* name : {"Content-Type", "Content-Length", "Retry-After", "Cache-Control"}) {
      INFO(name);
      CHECK(head.headers[name] == full.headers[name]);
    }
  }
}

}  // namespace sluice::test
