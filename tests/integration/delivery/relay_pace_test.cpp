#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/process_memory.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::size_t kBody = 64 * kMiB;
/// What all socket buffers on the way may hold together, by far.
constexpr std::size_t kOnTheWay = 16 * kMiB;

}  // namespace

TEST_CASE("A client that does not read slows the origin and then gets every byte",
          "[delivery][integration]") {
  const bool with_length = GENERATE(true, false);
  CAPTURE(with_length);
  const auto body = random_bytes(kBody, 12);
  ScriptedOrigin origin;
  origin.on("/", [&](const OriginRequest&, Connection& connection) {
    if (with_length) {
      connection.send_response(200, {}, body);
      return;
    }
    connection.send_head(200, {{"Transfer-Encoding", "chunked"}});
    // In pieces, because each is copied.
    for (std::size_t at = 0; at < body.size(); at += kMiB) {
      if (!connection.send_chunk(std::string_view(body).substr(at, kMiB))) return;
    }
    connection.end_chunks();
  });
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send(stream_request(proxy, origin.url("/"))));
  auto response = client.read_head();
  const auto before = resident_bytes();
  const auto taken = settled_bytes(origin);
  CHECK(taken > 0);
  CHECK(taken < kOnTheWay);
  if (kMemoryTells) CHECK(resident_bytes() < before + 4 * kMiB);
  client.read_body(response, body.size() + 1);  // to its end, chunked or not
  check_whole(response, body);
}

TEST_CASE("Clients that do not read cost little memory", "[delivery][integration]") {
  constexpr std::size_t kClients = 30;
  ScriptedOrigin origin({false, {}, {}, 64 * 1024});
  std::atomic<std::size_t> taken = 0;
  origin.on("/", [&](const OriginRequest&, Connection& connection) {
    const auto piece = random_bytes(64 * 1024);
    connection.send_head(200, {{"Content-Length", "1099511627776"}});
    while (connection.send(piece)) taken += piece.size();
  });
  const Proxy proxy([](app::Settings& settings) { settings.upstream.max_concurrent_per_host = 0; });
  ClientOptions options;
  options.receive_buffer = 16 * 1024;
  std::vector<RawConnection> clients;
  const auto before = resident_bytes();
  for (std::size_t i = 0; i < kClients; ++i) {
    auto& client = clients.emplace_back(proxy.port(), options);
    REQUIRE(client.send(stream_request(proxy, origin.url("/"))));
    CHECK(client.read_head().status == 200);
  }
  std::this_thread::sleep_for(500ms);
  // All buffers from the origin's to the client's.
  CHECK(taken < kClients * kMiB);
  // The origin's threads and pieces are in this process, too: 64 KiB and a stack each.
  if (kMemoryTells) CHECK(resident_bytes() < before + 24 * kMiB);
  clients.clear();
  CHECK(origin.wait_for_open_connections(0));
}

TEST_CASE("A client that reads in fits and starts gets every byte", "[delivery][integration]") {
  const auto body = random_bytes(6 * kMiB + 11, 13);
  ScriptedOrigin origin({false, {}, {}, 64 * 1024});
  origin.on("/", status(200, {}, body));
  const Proxy proxy;
  ClientOptions options;
  options.receive_buffer = 16 * 1024;
  RawConnection client(proxy.port(), options);
  REQUIRE(client.send(stream_request(proxy, origin.url("/"))));
  auto response = client.read_head();
  for (int stop = 0; stop < 10; ++stop) {
    std::this_thread::sleep_for(20ms);
    CHECK(client.read_body(response, 50'000));
  }
  client.read_body(response, body.size() + 1 - response.body.size());
  check_whole(response, body);
}

TEST_CASE("A client that does not read hinders nobody on its worker", "[delivery][integration]") {
  const auto body = random_bytes(2 * kMiB, 14);
  ScriptedOrigin origin;
  origin.on("/huge", status(200, {}, random_bytes(24 * kMiB)));
  origin.on("/good", status(200, {}, body));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  RawConnection idle(proxy.port());
  REQUIRE(idle.send(stream_request(proxy, origin.url("/huge"))));
  CHECK(idle.read_head().status == 200);
  for (int turn = 0; turn < 3; ++turn) {
    check_whole(proxy.fetch("/proxy/stream", origin.url("/good")), body);
  }
}

}  // namespace sluice::test
