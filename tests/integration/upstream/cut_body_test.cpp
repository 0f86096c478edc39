#include <chrono>
#include <functional>
#include <string>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

enum class Way { length, chunked, until_close };

/// Sends a head and 3000 of 5000 bytes, framed in this way, and leaves the rest to `end`.
OriginHandler broken(Way way, std::function<void(Connection&)> end) {
  return [way, end = std::move(end)](const OriginRequest&, Connection& connection) {
    const auto body = random_bytes(3000);
    if (way == Way::length) {
      connection.send_head(200, {{"Content-Length", "5000"}});
      connection.send(body);
    } else if (way == Way::chunked) {
      connection.send_head(200, {{"Transfer-Encoding", "chunked"}});
      connection.send_chunk(body);
    } else {
      connection.send_head(200);
      connection.send(body);
    }
    end(connection);
  };
}

/// What a client of this version gets; HTTP/1.0 has no chunks.
Response fetch_as(std::string_view version, const Proxy& proxy, const std::string& url) {
  RawConnection client(proxy.port());
  client.send("GET " + Proxy::target("/proxy/stream", url) + " HTTP/" + std::string(version) +
              "\r\nHost: x\r\n\r\n");
  return client.read_response();
}

void check_aborted(const Response& response) {
  CHECK(response.status == 200);
  CHECK_FALSE(response.complete);
  CHECK_FALSE(response.timed_out);
  CHECK(random_bytes(3003).starts_with(response.body));
}

}  // namespace

TEST_CASE("A body that breaks off never looks complete", "[upstream][delivery][integration]") {
  struct Row {
    const char* why;
    Way way;
    std::function<void(Connection&)> end;
  };
  const auto silence = [](Connection& connection) { connection.wait_for_peer_close(20s); };
  const auto fin = [](Connection& connection) { connection.close(); };
  const auto rst = [](Connection& connection) { connection.reset(); };
  const auto row = GENERATE_COPY(values<Row>({
      {"length, closed early", Way::length, fin},
      {"length, reset", Way::length, rst},
      {"length, silence", Way::length, silence},
      {"chunks, no last one", Way::chunked, fin},
      {"chunks, reset", Way::chunked, rst},
      {"chunks, silence", Way::chunked, silence},
      {"chunks, cut inside one", Way::chunked,
       [](Connection& connection) {
         connection.send_raw("3e8\r\n" + random_bytes(3003).substr(3000));
         connection.close();
       }},
      {"until close, reset", Way::until_close, rst},
      {"until close, silence", Way::until_close, silence},
  }));
  INFO(row.why);
  const std::string version = GENERATE("1.1", "1.0");
  INFO("client speaks HTTP/" << version);
  ScriptedOrigin origin;
  origin.on("/", broken(row.way, row.end));
  const Proxy proxy([](app::Settings& settings) { settings.upstream.idle_timeout = 200ms; });
  check_aborted(fetch_as(version, proxy, origin.url("/")));
}

TEST_CASE("A body that breaks off never looks complete when its length is hidden",
          "[upstream][delivery][integration]") {
  ScriptedOrigin origin;
  origin.on("/", broken(Way::length, [](Connection& connection) { connection.close(); }));
  const Proxy proxy;
  const auto response = proxy.fetch("/proxy/stream", origin.url("/"), "&x_headers=content-length");
  CHECK(response.framing == Framing::chunked);
  check_aborted(response);
}

TEST_CASE("A body whose announced bytes never start is aborted, too",
          "[upstream][delivery][integration]") {
  ScriptedOrigin origin;
  origin.on("/", cut_body(1000, 0));
  const Proxy proxy;
  const auto response = proxy.fetch("/proxy/stream", origin.url("/"));
  CHECK(response.status == 200);
  CHECK(response.headers["Content-Length"] == "1000");
  CHECK_FALSE(response.complete);
  CHECK_FALSE(response.timed_out);
  CHECK(response.body.empty());
}

TEST_CASE("A broken connection is not used again", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/cut", broken(Way::length,
                           [](Connection& connection) { connection.wait_for_peer_close(20s); }));
  origin.on("/whole", status(200, {}, "whole"));
  const Proxy proxy([](app::Settings& settings) {
    settings.upstream.idle_timeout = 100ms;
    settings.server.workers = 1;
  });
  check_aborted(proxy.fetch("/proxy/stream", origin.url("/cut")));
  CHECK(origin.wait_for_open_connections(0));
  CHECK(proxy.fetch("/proxy/stream", origin.url("/whole")).body == "whole");
  CHECK(origin.connection_count() == 2);
}

TEST_CASE("A playlist that breaks off is an error, never half a playlist",
          "[upstream][routes][integration]") {
  struct Row {
    const char* why;
    int status;
    std::function<void(Connection&)> end;
  };
  const auto row = GENERATE(values<Row>({
      {"closed early", 502, [](Connection& connection) { connection.close(); }},
      {"reset", 502, [](Connection& connection) { connection.reset(); }},
      {"silence", 504, [](Connection& connection) { connection.wait_for_peer_close(20s); }},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/x.m3u8", [&](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", "500"}});
    connection.send("#EXTM3U\n#EXTINF:4,\na.ts\n");
    row.end(connection);
  });
  const Proxy proxy([](app::Settings& settings) { settings.upstream.idle_timeout = 200ms; });
  const auto response = proxy.fetch("/proxy/hls/manifest.m3u8", origin.url("/x.m3u8"));
  CHECK(response.complete);
  CHECK(response.status == row.status);
  CHECK(response.headers["Content-Type"] == "application/json");
}

}  // namespace sluice::test
