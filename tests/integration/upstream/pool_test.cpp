#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";

/// One worker, so that there is one pool.
Proxy one_worker(const std::function<void(upstream::Settings&)>& change = {}) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.retry_attempts = 0;
    if (change) change(settings.upstream);
  });
}

/// Holds answers back until so many requests have come as are expected, so that they overlap.
class Gate {
 public:
  void expect(int more) { expected_ += more; }
  /// Answers with `body` once the gate is open.
  [[nodiscard]] OriginHandler answer(std::string body) {
    return [this, body = std::move(body)](const OriginRequest&, Connection& connection) {
      ++arrived_;
      while (arrived_ < expected_ && connection.pause(1ms)) {
      }
      connection.send_response(200, {}, body);
    };
  }

 private:
  std::atomic<int> expected_ = 0;
  std::atomic<int> arrived_ = 0;
};

}  // namespace

TEST_CASE("ConnectionPool keeps one connection for requests one after another",
          "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/file", serve_body(random_bytes(200'000)));
  origin.on("/chunked", chunked(random_bytes(100'000)));
  origin.on("/empty", status(200));
  origin.on("/nothing", status(204));
  origin.on("/same", status(304));
  origin.on("/missing", status(404, {}, "not here"));
  origin.on("/here", redirect_to("/empty"));
  origin.on("/list.m3u8", status(200, {}, "#EXTM3U\n"));
  const auto proxy = one_worker();
  for (const auto* path : {"/file", "/chunked", "/empty", "/nothing", "/same", "/missing", "/here",
                           "/list.m3u8", "/file"}) {
    INFO(path);
    CHECK(proxy.fetch(kStream, origin.url(path)).complete);
    CHECK(request(proxy.port(), "HEAD", Proxy::target(kStream, origin.url(path))).complete);
    CHECK(proxy.fetch(kStream, origin.url(path), "", {{"Range", "bytes=0-9"}}).complete);
  }
  CHECK(proxy.fetch("/proxy/hls/manifest.m3u8", origin.url("/list.m3u8")).status == 200);
  CHECK(proxy.fetch("/proxy/hls/segment.ts", origin.url("/file")).status == 200);
  CHECK(origin.connection_count() == 1);
  CHECK(origin.open_connections() == 1);
  CHECK(origin.problems().empty());
}

TEST_CASE("ConnectionPool tells origins apart", "[upstream][integration]") {
  ScriptedOrigin first;
  ScriptedOrigin second;
  first.on("/", status(200, {}, "first"));
  second.on("/", status(200, {}, "second"));
  const auto by_name = "http://localhost:" + std::to_string(first.port()) + "/";
  const auto proxy = one_worker();
  for (int turn = 0; turn < 2; ++turn) {
    CHECK(proxy.fetch(kStream, first.url("/")).body == "first");
    CHECK(proxy.fetch(kStream, second.url("/")).body == "second");
    CHECK(proxy.fetch(kStream, by_name).body == "first");
  }
  CHECK(first.connection_count() == 2);
  CHECK(second.connection_count() == 1);
}

TEST_CASE("ConnectionPool keeps no connection the origin wants closed", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string bytes;
  };
  const auto row = GENERATE(values<Row>({
      {"Connection: close", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"},
      {"close among others",
       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, Close\r\n\r\nok"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", [&](const OriginRequest&, Connection& connection) {
    connection.send_raw(row.bytes);
    connection.keep_open();
  });
  const auto proxy = one_worker();
  for (int turn = 0; turn < 2; ++turn) {
    CHECK(proxy.fetch(kStream, origin.url("/")).body == "ok");
    CHECK(origin.wait_for_open_connections(0));
  }
  CHECK(origin.connection_count() == 2);
}

TEST_CASE("ConnectionPool drops a connection the origin closed while it was idle",
          "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", close_after_response(status(200, {}, "ok")));
  const auto proxy = one_worker();
  for (std::size_t turn = 1; turn <= 3; ++turn) {
    CHECK(proxy.fetch(kStream, origin.url("/")).body == "ok");
    CHECK(origin.wait_for_open_connections(0));
    CHECK(origin.request_count() == turn);
  }
}

TEST_CASE("A request that met a dying connection is sent once more, unnoticed",
          "[upstream][integration]") {
  const std::string method = GENERATE("GET", "HEAD");
  INFO(method);
  ScriptedOrigin origin;
  origin.on("/first", drop_next_request(status(200, {}, "first")));
  origin.on("/second", serve_body("second"));
  const auto proxy = one_worker();
  CHECK(proxy.fetch(kStream, origin.url("/first")).body == "first");
  const auto response =
      request(proxy.port(), method, Proxy::target(kStream, origin.url("/second")));
  CHECK(response.complete);
  CHECK(response.status == 200);
  CHECK(response.headers["Content-Length"] == "6");
  const auto asked = origin.requests_to("/second");
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].connection == 0);
  CHECK(asked[1].connection == 1);
  CHECK(asked[1].method == method);
}

TEST_CASE("A request is sent no third time", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/first", drop_next_request(status(200, {}, "first")));
  origin.on("/second", hang_up());
  const auto proxy = one_worker();
  CHECK(proxy.fetch(kStream, origin.url("/first")).body == "first");
  check_error(proxy.fetch(kStream, origin.url("/second")), 502, "without an answer");
  CHECK(origin.requests_to("/second").size() == 2);
}

TEST_CASE("The second try does not take another pooled connection", "[upstream][integration]") {
  Gate gate;
  gate.expect(2);
  ScriptedOrigin origin;
  // Both connections die at the next request.
  origin.on("/slow", drop_next_request(gate.answer("slow")));
  origin.on("/second", status(200, {}, "second"));
  const auto proxy = one_worker();
  std::thread other([&] { (void)proxy.fetch(kStream, origin.url("/slow")); });
  CHECK(proxy.fetch(kStream, origin.url("/slow")).body == "slow");
  other.join();
  REQUIRE(origin.connection_count() == 2);
  CHECK(proxy.fetch(kStream, origin.url("/second")).body == "second");
  const auto asked = origin.requests_to("/second");
  REQUIRE(asked.size() == 2);
  CHECK(asked[1].connection == 2);
}

TEST_CASE("A fresh connection that breaks is not tried again", "[upstream][integration]") {
  const auto ending = GENERATE(Ending::fin, Ending::rst);
  ScriptedOrigin origin;
  origin.on("/", hang_up(ending));
  const auto proxy = one_worker();
  check_error(proxy.fetch(kStream, origin.url("/")), 502, "without an answer");
  CHECK(origin.request_count() == 1);
}

TEST_CASE("A request that was answered in part is not sent again", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", in_sequence({status(200, {}, "ok"), [](const OriginRequest&, Connection& c) {
                                c.send_raw("HTTP/1.1 200 OK\r\nCont");
                                c.close();
                              }}));
  const auto proxy = one_worker();
  CHECK(proxy.fetch(kStream, origin.url("/")).body == "ok");
  check_error(proxy.fetch(kStream, origin.url("/")), 502, "without an answer");
  CHECK(origin.request_count() == 2);
  CHECK(origin.connection_count() == 1);
}

TEST_CASE("ConnectionPool closes a connection that was idle for pool_idle_timeout",
          "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {}, "ok"));
  const auto proxy = one_worker([](auto& settings) { settings.pool_idle_timeout = 200ms; });
  CHECK(proxy.fetch(kStream, origin.url("/")).body == "ok");
  CHECK(origin.wait_for_open_connections(0, 5s));
  CHECK(eventually([&] { return origin.connections().at(0).closed_by_peer.has_value(); }));
  CHECK(proxy.fetch(kStream, origin.url("/")).body == "ok");
  CHECK(origin.connection_count() == 2);
}

TEST_CASE("ConnectionPool keeps as many connections as pool_max_idle_per_host says",
          "[upstream][integration]") {
  Gate gate;
  ScriptedOrigin origin;
  origin.on("/", gate.answer("ok"));
  const auto fetch_together = [&](const Proxy& proxy) {
    gate.expect(3);
    std::thread first([&] { (void)proxy.fetch(kStream, origin.url("/")); });
    std::thread second([&] { (void)proxy.fetch(kStream, origin.url("/")); });
    (void)proxy.fetch(kStream, origin.url("/"));
    first.join();
    second.join();
  };
  SECTION("none") {
    const auto proxy = one_worker([](auto& settings) { settings.pool_max_idle_per_host = 0; });
    for (int turn = 0; turn < 2; ++turn) {
      CHECK(proxy.fetch(kStream, origin.url("/")).body == "ok");
      CHECK(origin.wait_for_open_connections(0));
    }
    CHECK(origin.connection_count() == 2);
  }
  SECTION("two of three") {
    const auto proxy = one_worker([](auto& settings) { settings.pool_max_idle_per_host = 2; });
    fetch_together(proxy);
    CHECK(origin.connection_count() == 3);
    CHECK(origin.wait_for_open_connections(2));
  }
  SECTION("all of three") {
    const auto proxy = one_worker();
    fetch_together(proxy);
    fetch_together(proxy);
    CHECK(origin.connection_count() == 3);
    CHECK(origin.open_connections() == 3);
  }
}

TEST_CASE("A body its client left is not finished for the pool's sake", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/large", serve_body(random_bytes(30'000'000)));
  origin.on("/small", status(200, {}, "small"));
  const auto proxy = one_worker();
  {
    RawConnection client(proxy.port());
    REQUIRE(client.send(
        request_bytes(proxy.port(), "GET", Proxy::target(kStream, origin.url("/large")))));
    CHECK(client.read_head().status == 200);
    client.reset();
  }
  CHECK(origin.wait_for_open_connections(0, 5s));
  CHECK(origin.connections().at(0).bytes_sent < 20'000'000);
  CHECK(proxy.fetch(kStream, origin.url("/small")).body == "small");
}

TEST_CASE("Many clients at once share few connections afterwards", "[upstream][integration]") {
  const auto body = random_bytes(300'000);
  ScriptedOrigin origin;
  origin.on("/", serve_body(body));
  const Proxy proxy;
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int turn = 0; turn < 5; ++turn) {
        const auto response = proxy.fetch(kStream, origin.url("/"));
        if (response.complete && response.body == body) ++good;
      }
    });
  }
  for (auto& client : clients) client.join();
  CHECK(good == 40);
  // Eight at a time on either of two workers; more would mean that connections are wasted.
  CHECK(origin.connection_count() <= 16);
  CHECK(origin.problems().empty());
}

}  // namespace sluice::test
