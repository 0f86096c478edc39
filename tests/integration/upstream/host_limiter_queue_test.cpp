#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/origin_load.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/socket.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";

Proxy limited(unsigned limit, const std::function<void(upstream::Settings&)>& change = {}) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.max_concurrent_per_host = limit;
    settings.upstream.limiter_wait = 5000ms;
    settings.upstream.retry_delay = 1ms;
    if (change) change(settings.upstream);
  });
}

RawConnection ask(const Proxy& proxy, const std::string& url) {
  RawConnection client(proxy.port());
  client.send(stream_request(proxy, url));
  return client;
}

/// A whole reply that tells the client to come back, and when.
void check_busy(const Response& response) {
  check_error(response, 503, "again");
  const auto after = response.headers["Retry-After"];
  CAPTURE(after);
  CHECK_FALSE(after.empty());
  CHECK(std::all_of(after.begin(), after.end(), [](char c) { return c >= '0' && c <= '9'; }));
  CHECK(after != "0");
}

/// Tries until a request waits instead of being refused; empty when that does not happen.
std::optional<RawConnection> ask_until_it_waits(const Proxy& proxy, const std::string& url) {
  std::optional<RawConnection> client;
  const bool waits = eventually(
      [&] {
        client.emplace(ask(proxy, url));
        client->set_timeout(200ms);
        return client->read_head().timed_out;
      },
      3s);
  client->set_timeout(10s);
  return waits ? std::move(client) : std::nullopt;
}

}  // namespace

TEST_CASE("One request more than may wait is told to come back, at once",
          "[upstream][integration]") {
  OriginLoad load;
  ScriptedOrigin origin;
  origin.on("/", load.held("ok"));
  const auto proxy = limited(1, [](upstream::Settings& upstream) {
    upstream.limiter_max_waiting = 2;
    upstream.limiter_wait = 60'000ms;
  });
  auto first = ask(proxy, origin.url("/"));
  REQUIRE(origin.wait_for_requests(1));
  // Whichever comes last is refused, while the others wait.
  std::vector<RawConnection> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(ask(proxy, origin.url("/")));
  std::vector<std::size_t> refused;
  REQUIRE(eventually([&] {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      clients[i].set_timeout(20ms);
      const auto response = clients[i].read_head();
      if (response.timed_out) continue;
      CHECK(response.status == 503);
      CHECK(response.headers.contains("Retry-After"));
      refused.push_back(i);
    }
    return !refused.empty();
  }));
  REQUIRE(refused.size() == 1);
  check_busy(proxy.fetch(kStream, origin.url("/")));
  CHECK(origin.request_count() == 1);
  load.open();
  check_whole(first.read_response(), "ok");
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (i == refused[0]) continue;
    clients[i].set_timeout(10s);
    check_whole(clients[i].read_response(), "ok");
  }
  check_whole(proxy.fetch(kStream, origin.url("/")), "ok");
}

TEST_CASE("A request that waited for limiter_wait is told to come back",
          "[upstream][integration]") {
  const std::string route = GENERATE("/proxy/stream", "/proxy/hls/manifest.m3u8");
  INFO(route);
  OriginLoad load;
  ScriptedOrigin origin;
  origin.on("/", load.held("ok"));
  const auto proxy =
      limited(1, [](upstream::Settings& upstream) { upstream.limiter_wait = 300ms; });
  auto first = ask(proxy, origin.url("/"));
  REQUIRE(origin.wait_for_requests(1));
  const auto started = std::chrono::steady_clock::now();
  check_busy(proxy.fetch(route, origin.url("/")));
  const auto waited = std::chrono::steady_clock::now() - started;
  CHECK(waited >= 250ms);
  CHECK(waited < 3s);
  CHECK(origin.request_count() == 1);
  load.open();
  check_whole(first.read_response(), "ok");
  check_whole(proxy.fetch(kStream, origin.url("/")), "ok");
}

TEST_CASE("A client that leaves while it waits makes place and is not asked for",
          "[upstream][integration]") {
  const bool by_reset = GENERATE(false, true);
  CAPTURE(by_reset);
  OriginLoad load;
  ScriptedOrigin origin;
  origin.on_prefix("/", load.held("ok"));
  const auto proxy = limited(1, [](upstream::Settings& upstream) {
    upstream.limiter_max_waiting = 1;
    upstream.limiter_wait = 60'000ms;
  });
  auto first = ask(proxy, origin.url("/first"));
  REQUIRE(origin.wait_for_requests(1));
  auto leaving = ask_until_it_waits(proxy, origin.url("/leaving"));
  REQUIRE(leaving);
  by_reset ? leaving->reset() : leaving->close();
  auto staying = ask_until_it_waits(proxy, origin.url("/staying"));
  REQUIRE(staying);
  load.open();
  check_whole(first.read_response(), "ok");
  check_whole(staying->read_response(), "ok");
  CHECK(origin.requests_to("/leaving").empty());
}

TEST_CASE("A client that leaves gives its permit back", "[upstream][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
    bool head;  ///< the client waits for the response's head
  };
  const auto row = GENERATE(values<Row>({
      {"before the head", never_answer(), false},
      {"in a body of known length",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(200, {{"Content-Length", "1000"}});
         connection.send("part");
         connection.wait_for_peer_close(20s);
       },
       true},
      {"in a pause between attempts", hang_up(), false},
  }));
  INFO(row.why);
  const bool by_reset = GENERATE(false, true);
  CAPTURE(by_reset);
  ScriptedOrigin origin;
  origin.on("/left", row.handler);
  origin.on("/good", status(200, {}, "good"));
  const auto proxy =
      limited(1, [](upstream::Settings& upstream) { upstream.retry_delay = 60'000ms; });
  for (int turn = 0; turn < 2; ++turn) {
    auto client = ask(proxy, origin.url("/left"));
    REQUIRE(origin.wait_for_requests(static_cast<std::size_t>(2 * turn + 1)));
    if (row.head) CHECK(client.read_head().status == 200);
    by_reset ? client.reset() : client.close();
    check_whole(proxy.fetch(kStream, origin.url("/good")), "good");
  }
}

TEST_CASE("Failures do not use permits up", "[upstream][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
    const char* route = "/proxy/stream";
  };
  const auto raw = [](std::string bytes) {
    return [bytes = std::move(bytes)](const OriginRequest&, Connection& connection) {
      connection.send_raw(bytes);
      connection.close();
    };
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"closed without an answer", hang_up(Ending::fin)},
      {"reset without an answer", hang_up(Ending::rst)},
      {"broken head", raw("nonsense\r\n\r\n")},
      {"broken chunks", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n")},
      {"cut body", cut_body(10'000, 5000)},
      {"cut chunks", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")},
      {"not found", status(404)},
      {"unavailable", status(503)},
      {"an error's body", status(500, {}, random_bytes(200'000))},
      {"no answer in time", never_answer()},
      {"redirect in a circle", redirect_to("/failing")},
      {"redirect to nowhere", redirect_to("http://")},
      {"half a playlist", cut_body(10'000, 5000), "/proxy/hls/manifest.m3u8"},
      {"no playlist", status(200, {}, "<html>"), "/proxy/hls/manifest.m3u8"},
      {"cut segment", cut_body(10'000, 5000), "/proxy/hls/segment.ts"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/failing", row.handler);
  origin.on("/good", status(200, {}, "good"));
  const auto proxy = limited(2, [](upstream::Settings& upstream) {
    upstream.limiter_wait = 1000ms;
    upstream.first_byte_timeout = 20ms;
    upstream.retry_attempts = 1;
  });
  for (int turn = 0; turn < 30; ++turn) {
    const auto response = proxy.fetch(row.route, origin.url("/failing"));
    // Refused by the limiter, not by the origin.
    CHECK(response.body.find("under way") == std::string::npos);
  }
  CHECK(origin.request_count() >= 30);
  check_whole(proxy.fetch(kStream, origin.url("/good")), "good");
}

TEST_CASE("An origin that refuses connections does not use its permits up",
          "[upstream][integration]") {
  const auto refusing = refuse_on_loopback();
  const auto port = bound_port(refusing);
  const auto proxy =
      limited(2, [](upstream::Settings& upstream) { upstream.limiter_wait = 300ms; });
  for (int turn = 0; turn < 30; ++turn) {
    check_error(proxy.fetch(kStream, "http://127.0.0.1:" + std::to_string(port) + "/"), 502,
                "does not accept connections");
  }
}

}  // namespace sluice::test
