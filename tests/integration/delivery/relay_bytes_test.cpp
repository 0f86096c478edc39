#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

/// Sizes around pages, pipes and buffers, small ones after huge ones.
const std::vector<std::size_t> kSizes{0,
                                      1,
                                      2,
                                      8 * kMiB + 1,
                                      1,
                                      0,
                                      59 * kKiB,
                                      60 * kKiB - 1,
                                      60 * kKiB,
                                      60 * kKiB + 1,
                                      3,
                                      61 * kKiB,
                                      62 * kKiB + 7,
                                      63 * kKiB,
                                      64 * kKiB - 1,
                                      64 * kKiB,
                                      64 * kKiB + 1,
                                      65 * kKiB,
                                      4095,
                                      4096,
                                      4097,
                                      120 * kKiB,
                                      120 * kKiB + 1,
                                      128 * kKiB - 1,
                                      1 * kMiB,
                                      1,
                                      1 * kMiB + 1};

std::string path_of(std::size_t size, std::uint64_t seed) {
  return "/" + std::to_string(size) + "/" + std::to_string(seed);
}

/// Answers /SIZE/SEED with random_bytes(SIZE, SEED): in one write, or the body after the head.
OriginHandler generated(bool head_first) {
  return [head_first](const OriginRequest& request, Connection& connection) {
    std::size_t slash = 0;
    const auto size = std::stoul(request.target.substr(1), &slash);
    const auto body = random_bytes(size, std::stoull(request.target.substr(slash + 2)));
    if (!head_first) {
      connection.send_response(200, {}, body);
      return;
    }
    connection.send_head(200, {{"Content-Length", std::to_string(size)}});
    connection.pause(5ms);
    connection.send(body);
  };
}

std::string head_of(std::size_t length) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("Bodies of all sizes follow each other exactly on one connection each way",
          "[delivery][integration]") {
  const bool head_first = GENERATE(false, true);
  INFO(head_first << " (the head comes before the body)");
  ScriptedOrigin origin;
  origin.on_prefix("/", generated(head_first));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  RawConnection client(proxy.port());
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    INFO("body " << i << " of " << kSizes[i] << " bytes");
    REQUIRE(client.send(stream_request(proxy, origin.url(path_of(kSizes[i], i + 1)))));
    const auto response = client.read_response();
    check_whole(response, random_bytes(kSizes[i], i + 1));
    CHECK(response.framing == Framing::length);
    REQUIRE(response.complete);
  }
  CHECK(origin.connection_count() == 1);
  CHECK(origin.problems().empty());
}

TEST_CASE("Many clients at once each get their own bytes", "[delivery][integration]") {
  constexpr std::size_t kClients = 24;
  constexpr std::size_t kTurns = 6;
  ScriptedOrigin origin;
  origin.on_prefix("/", generated(false));
  const Proxy proxy([](app::Settings& settings) { settings.upstream.max_concurrent_per_host = 0; });
  const auto size_of = [](std::size_t client, std::size_t turn) {
    return (client * 37 + turn * 101) % 7 * 97 * kKiB + client * 13 + turn;
  };
  std::vector<std::vector<Response>> got(kClients);
  in_parallel(kClients, [&](std::size_t i) {
    RawConnection client(proxy.port());
    for (std::size_t turn = 0; turn < kTurns; ++turn) {
      const auto path = path_of(size_of(i, turn), i * 1000 + turn);
      if (client.send(stream_request(proxy, origin.url(path)))) {
        got[i].push_back(client.read_response());
      }
    }
  });
  for (std::size_t i = 0; i < kClients; ++i) {
    REQUIRE(got[i].size() == kTurns);
    for (std::size_t turn = 0; turn < kTurns; ++turn) {
      INFO("client " << i << ", turn " << turn);
      check_whole(got[i][turn], random_bytes(size_of(i, turn), i * 1000 + turn));
    }
  }
  CHECK(origin.problems().empty());
}

TEST_CASE("A body whose origin closes right behind it arrives whole", "[delivery][integration]") {
  const std::size_t size =
      GENERATE(std::size_t{0}, std::size_t{1}, 60 * kKiB, 64 * kKiB + 1, 3 * kMiB + 5);
  INFO(size << " bytes");
  const auto body = random_bytes(size, size + 7);
  const auto announced = status(200, {{"Connection", "close"}}, body);
  ScriptedOrigin origin;
  origin.on("/unannounced", close_after_response(status(200, {}, body)));
  origin.on("/announced", announced);
  origin.on("/half", [&](const OriginRequest& request, Connection& connection) {
    status(200, {}, body)(request, connection);
    connection.half_close();
  });
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  RawConnection client(proxy.port());
  for (const auto* path : {"/unannounced", "/announced", "/half", "/unannounced", "/half"}) {
    INFO(path);
    REQUIRE(client.send(stream_request(proxy, origin.url(path))));
    check_whole(client.read_response(), body);
    // A new connection each time, lest the next request meet one that is half gone.
    CHECK(origin.wait_for_open_connections(0));
  }
  CHECK(origin.request_count() == 5);
}

TEST_CASE("A body that pauses goes on where it stopped", "[delivery][integration]") {
  const auto body = random_bytes(300'000, 5);
  ScriptedOrigin origin;
  origin.on("/", pausing(body, {0, 1, 60 * kKiB, 64 * kKiB, 299'999}, 200ms));
  const Proxy proxy;
  RawConnection client(proxy.port());
  for (int turn = 0; turn < 2; ++turn) {
    REQUIRE(client.send(stream_request(proxy, origin.url("/"))));
    check_whole(client.read_response(), body);
  }
  CHECK(origin.connection_count() <= 2);
}

TEST_CASE("What comes of a body before a pause is passed on before its rest",
          "[delivery][integration]") {
  const std::size_t before = GENERATE(std::size_t{0}, std::size_t{1}, 60 * kKiB, 299'999);
  INFO(before << " bytes before the pause");
  const auto body = random_bytes(300'000, 6);
  ScriptedOrigin origin;
  origin.on("/", [&](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", std::to_string(body.size())}});
    connection.send(std::string_view(body).substr(0, before));
    // The rest only comes when it is asked for again, which nobody does.
    connection.wait_for_peer_close(20s);
  });
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send(stream_request(proxy, origin.url("/"))));
  auto response = client.read_head();
  CHECK(response.status == 200);
  CHECK(client.read_body(response, before));
  CHECK(first_difference(response.body, body.substr(0, before)) == std::string::npos);
}

TEST_CASE("A head and body cut anywhere into packets arrive whole", "[delivery][integration]") {
  const auto body = random_bytes(200'000, 8);
  const auto head = head_of(body.size());
  const auto bytes = head + body;
  ScriptedOrigin origin;
  // One byte at a time until well into the body, the rest at once.
  origin.on("/drip", [&](const OriginRequest&, Connection& connection) {
    connection.drip(std::string_view(bytes).substr(0, head.size() + 20), 1, 1ms);
    connection.send_raw(std::string_view(bytes).substr(head.size() + 20));
    connection.keep_open();
  });
  for (const std::size_t part : {1, 1000, 4096, 60'000, 65'536, 199'999}) {
    origin.on("/" + std::to_string(part), [&, part](const OriginRequest&, Connection& connection) {
      connection.send_raw(std::string_view(bytes).substr(0, head.size() + part));
      connection.pause(20ms);
      connection.send_raw(std::string_view(bytes).substr(head.size() + part));
      connection.keep_open();
    });
  }
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  RawConnection client(proxy.port());
  for (const auto* path : {"/drip", "/1", "/1000", "/4096", "/60000", "/65536", "/199999"}) {
    INFO(path);
    REQUIRE(client.send(stream_request(proxy, origin.url(path))));
    check_whole(client.read_response(), body);
  }
  CHECK(origin.connection_count() == 1);
}

}  // namespace sluice::test
