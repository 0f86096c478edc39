#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/origin_load.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";

/// Limited to `limit` requests at once, with short waits, so that a lost permit shows soon.
Proxy limited(unsigned limit, const std::function<void(app::Settings&)>& change = {}) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.max_concurrent_per_host = limit;
    settings.upstream.limiter_wait = 5000ms;
    if (change) change(settings);
  });
}

/// Sends this request on a connection of its own.
RawConnection ask(const Proxy& proxy, const std::string& url) {
  RawConnection client(proxy.port());
  client.send(stream_request(proxy, url));
  return client;
}

/// Sends the first bytes of a body and goes on, a little at a time, until the client has gone.
OriginHandler stream_for_ever(Headers headers, std::atomic<int>& ended) {
  return [headers = std::move(headers), &ended](const OriginRequest&, Connection& connection) {
    const auto piece = random_bytes(500);
    const bool in_chunks = headers.contains("Transfer-Encoding");
    connection.send_head(200, headers);
    while (in_chunks ? connection.send_chunk(piece) : connection.send(piece)) {
      if (!connection.pause(50ms)) break;
    }
    ++ended;
  };
}

}  // namespace

TEST_CASE("An origin never sees more requests or connections at once than the limit",
          "[upstream][integration]") {
  const unsigned workers = GENERATE(1U, 2U);
  INFO(workers << " workers");
  constexpr std::size_t kClients = 100;
  OriginLoad load;
  // The first ten meet each other, so that the limit is also reached.
  load.open_at(10);
  ScriptedOrigin origin;
  for (std::size_t i = 0; i < kClients; ++i) {
    origin.on("/" + std::to_string(i), load.held(random_bytes(100'000, i)));
  }
  const Proxy proxy = limited(10, [&](app::Settings& settings) {
    settings.server.workers = workers;
    settings.upstream.limiter_wait = 15'000ms;
  });
  std::vector<Response> got(kClients);
  in_parallel(kClients, [&](std::size_t i) {
    got[i] = proxy.fetch(kStream, origin.url("/" + std::to_string(i)));
  });
  for (std::size_t i = 0; i < kClients; ++i) check_whole(got[i], random_bytes(100'000, i));
  CHECK(load.most() == 10);
  // The origin notes a close a moment after it came. Kept connections beside busy ones would be 20.
  CHECK(most_open(origin.connections()) <= 10 + 3);
  CHECK(origin.request_count() == kClients);
}

TEST_CASE("Long streams count only until their head has come", "[upstream][integration]") {
  constexpr std::size_t kClients = 50;
  std::atomic<int> ended = 0;
  const auto headers = GENERATE(values<Headers>({{{"Transfer-Encoding", "chunked"}},
                                                 {{"Content-Length", "100001"}},
                                                 {{"Content-Length", "1099511627776"}},
                                                 {{"Connection", "close"}}}));
  INFO(headers.begin()->name << ": " << headers.begin()->value);
  ScriptedOrigin origin;
  origin.on("/", stream_for_ever(headers, ended));
  const Proxy proxy = limited(10, [](app::Settings& settings) {
    settings.server.workers = 2;
    settings.upstream.limiter_release_after = 100'000;
  });
  std::vector<RawConnection> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.push_back(ask(proxy, origin.url("/")));
  for (auto& client : clients) {
    auto response = client.read_head();
    CHECK(response.status == 200);
    CHECK(client.read_body(response, 1));
  }
  CHECK(ended == 0);
  CHECK(origin.open_connections() == kClients);
  clients.clear();
  CHECK(origin.wait_for_open_connections(0));
}

TEST_CASE("A body of limiter_release_after bytes counts to its end", "[upstream][integration]") {
  struct Row {
    std::size_t size;
    bool counts;
  };
  const auto row = GENERATE(values<Row>({{50'000, true}, {100'000, true}, {100'001, false}}));
  CAPTURE(row.size);
  OriginLoad load;
  ScriptedOrigin origin;
  origin.on("/held", load.held(random_bytes(row.size)));
  origin.on("/good", status(200, {}, "good"));
  const Proxy proxy = limited(2, [](app::Settings& settings) {
    settings.upstream.limiter_release_after = 100'000;
    settings.upstream.limiter_wait = 200ms;
  });
  auto first = ask(proxy, origin.url("/held"));
  auto second = ask(proxy, origin.url("/held"));
  for (auto* client : {&first, &second}) {
    auto response = client->read_head();
    CHECK(client->read_body(response, row.size - 1));
  }
  CHECK(proxy.fetch(kStream, origin.url("/good")).status == (row.counts ? 503 : 200));
  load.open();
}

TEST_CASE("Requests wait for an origin in the order in which they came",
          "[upstream][integration]") {
  OriginLoad load;
  ScriptedOrigin origin;
  origin.on_prefix("/", load.held("ok"));
  const auto proxy = limited(1);
  std::vector<RawConnection> clients;
  RawConnection marker(proxy.port());
  for (std::size_t i = 0; i < 9; ++i) {
    clients.push_back(ask(proxy, origin.url("/" + std::to_string(i))));
    if (i == 0) REQUIRE(origin.wait_for_requests(1));
    // The only worker answers this after it has seen the request before.
    for (int turn = 0; turn < 3; ++turn) {
      REQUIRE(marker.send(request_bytes(proxy.port(), "GET", "/health")));
      REQUIRE(marker.read_response().complete);
    }
  }
  CHECK(origin.request_count() == 1);
  load.open();
  for (auto& client : clients) check_whole(client.read_response(), "ok");
  std::string order;
  for (const auto& request : origin.requests()) order += request.target;
  CHECK(order == "/0/1/2/3/4/5/6/7/8");
  CHECK(load.most() == 1);
}

TEST_CASE("Origins do not wait for each other", "[upstream][integration]") {
  OriginLoad load;
  ScriptedOrigin busy;
  ScriptedOrigin other;
  busy.on("/", load.held("ok"));
  other.on("/", status(200, {}, "other"));
  const auto proxy = limited(1);
  auto first = ask(proxy, busy.url("/"));
  REQUIRE(busy.wait_for_requests(1));
  auto waiting = ask(proxy, busy.url("/"));
  for (int turn = 0; turn < 3; ++turn) {
    check_whole(proxy.fetch(kStream, other.url("/")), "other");
  }
  CHECK(busy.request_count() == 1);
  load.open();
  check_whole(first.read_response(), "ok");
  check_whole(waiting.read_response(), "ok");
}

TEST_CASE("Limit 0 lets all requests through at once", "[upstream][integration]") {
  OriginLoad load;
  load.open_at(30);
  ScriptedOrigin origin;
  origin.on("/", load.held(random_bytes(1000)));
  const auto proxy = limited(0);
  std::vector<RawConnection> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(ask(proxy, origin.url("/")));
  for (auto& client : clients) check_whole(client.read_response(), random_bytes(1000));
  CHECK(load.most() == 30);
}

TEST_CASE("HEAD requests, segments and playlists count like streams", "[upstream][integration]") {
  const auto held = GENERATE(values<std::string>(
      {"HEAD /proxy/stream", "GET /proxy/stream", "GET /proxy/hls/manifest.m3u8",
       "HEAD /proxy/hls/manifest.m3u8", "GET /proxy/hls/segment.ts"}));
  INFO(held);
  OriginLoad load;
  ScriptedOrigin origin;
  origin.on("/held.m3u8", load.before(status(200, {}, "#EXTM3U\n#EXTINF:4,\na.ts\n")));
  origin.on("/good", status(200, {}, "good"));
  const auto proxy = limited(1);
  const auto method = held.substr(0, held.find(' '));
  RawConnection first(proxy.port());
  REQUIRE(first.send(
      request_bytes(proxy.port(), method,
                    Proxy::target(held.substr(method.size() + 1), origin.url("/held.m3u8")))));
  REQUIRE(origin.wait_for_requests(1));
  auto second = ask(proxy, origin.url("/good"));
  CHECK_FALSE(origin.wait_for_requests(2, 150ms));
  load.open();
  CHECK(first.read_response(method == "HEAD").status == 200);
  check_whole(second.read_response(), "good");
  // All permits are back.
  check_whole(proxy.fetch(kStream, origin.url("/good")), "good");
}

}  // namespace sluice::test
