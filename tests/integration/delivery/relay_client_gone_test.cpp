#include <chrono>
#include <string>
#include <thread>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

/// A second is promised; the sanitizers are slow.
constexpr auto kSoon = 2s;

enum class Leaving { reset, close, half_close };

void leave(RawConnection& client, Leaving how) {
  switch (how) {
    case Leaving::reset: return client.reset();
    case Leaving::close: return client.close();
    case Leaving::half_close: return client.half_close();
  }
}

/// Sends a body of 1 TiB for as long as anybody takes it.
OriginHandler pump_for_ever(bool with_length) {
  return [with_length](const OriginRequest&, Connection& connection) {
    const auto piece = random_bytes(256 * 1024);
    if (with_length) {
      connection.send_head(200, {{"Content-Length", "1099511627776"}});
      while (connection.send(piece)) {
      }
    } else {
      connection.send_head(200, {{"Transfer-Encoding", "chunked"}});
      while (connection.send_chunk(piece)) {
      }
    }
  };
}

}  // namespace

TEST_CASE("A client that leaves when everything is full frees the origin's connection",
          "[delivery][integration]") {
  const auto how = GENERATE(Leaving::reset, Leaving::close);
  const bool with_length = GENERATE(true, false);
  CAPTURE(static_cast<int>(how), with_length);
  ScriptedOrigin origin;
  origin.on("/endless", pump_for_ever(with_length));
  origin.on("/good", status(200, {}, random_bytes(200'000, 2)));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  ClientOptions options;
  options.receive_buffer = 64 * 1024;
  RawConnection client(proxy.port(), options);
  REQUIRE(client.send(stream_request(proxy, origin.url("/endless"))));
  CHECK(client.read_head().status == 200);
  REQUIRE(settled_bytes(origin) > 0);
  CHECK(origin.open_connections() == 1);
  leave(client, how);
  CHECK(origin.wait_for_open_connections(0, kSoon));
  check_whole(proxy.fetch("/proxy/stream", origin.url("/good")), random_bytes(200'000, 2));
}

TEST_CASE("A client that half-closes when everything is full is served until it closes",
          "[delivery][integration]") {
  const auto how = GENERATE(Leaving::reset, Leaving::close);
  CAPTURE(static_cast<int>(how));
  ScriptedOrigin origin;
  origin.on("/endless", pump_for_ever(true));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  ClientOptions options;
  options.receive_buffer = 64 * 1024;
  RawConnection client(proxy.port(), options);
  REQUIRE(client.send(stream_request(proxy, origin.url("/endless"))));
  auto response = client.read_head();
  REQUIRE(settled_bytes(origin) > 0);
  client.half_close();
  CHECK(client.read_body(response, 8 * 1024 * 1024));
  leave(client, how);
  CHECK(origin.wait_for_open_connections(0, kSoon));
}

TEST_CASE("A client that leaves while it reads frees the origin's connection",
          "[delivery][integration]") {
  const auto how = GENERATE(Leaving::reset, Leaving::close);
  CAPTURE(static_cast<int>(how));
  ScriptedOrigin origin;
  origin.on("/endless", pump_for_ever(true));
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send(stream_request(proxy, origin.url("/endless"))));
  auto response = client.read_head();
  CHECK(client.read_body(response, 1'000'000));
  leave(client, how);
  CHECK(origin.wait_for_open_connections(0, kSoon));
}

TEST_CASE("Many clients that leave leave nothing behind", "[delivery][integration]") {
  ScriptedOrigin origin;
  origin.on("/endless", pump_for_ever(true));
  origin.on("/good", status(200, {}, random_bytes(200'000, 2)));
  const Proxy proxy([](app::Settings& settings) { settings.upstream.max_concurrent_per_host = 0; });
  in_parallel(20, [&](std::size_t i) {
    RawConnection client(proxy.port());
    client.send(stream_request(proxy, origin.url("/endless")));
    auto response = client.read_head();
    client.read_body(response, 50'000 + i * 10'000);
    i % 2 == 0 ? client.reset() : client.close();
  });
  CHECK(origin.wait_for_open_connections(0, 2 * kSoon));
  CHECK(origin.request_count() == 20);
  check_whole(proxy.fetch("/proxy/stream", origin.url("/good")), random_bytes(200'000, 2));
}

TEST_CASE("After a client that left near the end of a body the next request works",
          "[delivery][integration]") {
  const auto how = GENERATE(Leaving::reset, Leaving::close, Leaving::half_close);
  const std::size_t size = GENERATE(as<std::size_t>{}, 1010, 70'000);
  CAPTURE(static_cast<int>(how), size);
  const auto body = random_bytes(size, 3);
  ScriptedOrigin origin;
  origin.on("/nearly", pausing(body, {size - 10}, 300ms));
  origin.on("/good", status(200, {}, random_bytes(200'000, 2)));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  {
    RawConnection client(proxy.port());
    REQUIRE(client.send(stream_request(proxy, origin.url("/nearly"))));
    auto response = client.read_head();
    CHECK(client.read_body(response, size - 10));
    leave(client, how);
    check_whole(proxy.fetch("/proxy/stream", origin.url("/good")), random_bytes(200'000, 2));
    std::this_thread::sleep_for(400ms);
  }
  check_whole(proxy.fetch("/proxy/stream", origin.url("/good")), random_bytes(200'000, 2));
  CHECK(origin.connection_count() <= 3);
}

TEST_CASE("A client that half-closes first still gets a large body", "[delivery][integration]") {
  const auto body = random_bytes(4 * 1024 * 1024 + 3, 4);
  ScriptedOrigin origin;
  origin.on("/", GENERATE_COPY(status(200, {}, body), pausing(body, {0, 1'000'000}, 100ms)));
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send(stream_request(proxy, origin.url("/"))));
  client.half_close();
  check_whole(client.read_response(), body);
  CHECK(client.closed_within(5s));
}

}  // namespace sluice::test
