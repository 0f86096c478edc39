#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "integration/app/programs.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/handover_peer.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/temp_dir.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = kHandoverPatience;

/// A client in the middle of a response that takes its origin about a second.
struct Download {
  Download(const Proxy& proxy, const OriginHandler& handler) : client(proxy.port()) {
    origin.on("/body", handler);
    REQUIRE(client.send(
        request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", origin.url("/body")))));
    response = client.read_head();
    REQUIRE(response.status == 200);
    REQUIRE(client.read_body(response, 1));
  }
  void read_rest() { client.read_body(response, response.body.size() + 1'000'000); }

  ScriptedOrigin origin;
  RawConnection client;
  Response response;
};

/// A head, one byte of the body, and silence.
void stall(const OriginRequest&, Connection& connection) {
  connection.send_head(200, {{"Content-Length", "1000"}});
  connection.send("x");
  connection.wait_for_peer_close(30s);
}

}  // namespace

TEST_CASE("Handover socket is for this user only, and goes with the program",
          "[app][integration]") {
  const Succession succession;
  {
    const auto proxy = succession.start();
    struct stat there {};
    REQUIRE(::lstat(succession.path.c_str(), &there) == 0);
    CHECK(there.st_mode == (S_IFSOCK | 0600));
  }
  CHECK(std::filesystem::is_empty(succession.folder.path()));
}

TEST_CASE("Handover passes the port on, again and again", "[app][integration]") {
  const Succession succession;
  auto current = succession.start();
  const auto port = current->port();
  for (int i = 0; i < 3; ++i) {
    auto next = succession.start();
    CHECK(next->port() == port);
    CHECK(eventually([&] { return current->stopped(); }, kPatience));
    CHECK(is_healthy(port));
    current = std::move(next);
  }
}

TEST_CASE("Handover announces the end of a kept connection before it comes", "[app][integration]") {
  const Succession succession;
  const auto old = succession.start();
  RawConnection kept(old->port());
  CHECK(ask(kept).headers["Connection"].empty());
  RawConnection fresh(old->port());
  REQUIRE(fresh.connected());
  const auto next = succession.start();
  REQUIRE(is_healthy(next->port()));
  CHECK_FALSE(kept.closed_within(200ms));
  CHECK_FALSE(old->stopped());
  const auto last = ask(kept);
  CHECK(last.status == 200);
  CHECK(last.headers["Connection"] == "close");
  CHECK(last.closed_after);
  CHECK(ask(fresh).status == 200);
  fresh.close();
  CHECK(eventually([&] { return old->stopped(); }, kPatience));
}

TEST_CASE("Handover closes a kept connection after its ordinary time", "[app][integration]") {
  const Succession succession;
  const auto old = succession.start([](auto& settings) { settings.server.idle_timeout = 300ms; });
  RawConnection kept(old->port());
  CHECK(ask(kept).status == 200);
  const auto next = succession.start();
  CHECK(kept.closed_within(kPatience));
  CHECK(eventually([&] { return old->stopped(); }, kPatience));
}

TEST_CASE("Handover lets a response outlast shutdown_grace", "[app][integration]") {
  const Succession succession;
  const auto body = random_bytes(2000);
  const auto old = succession.start([](auto& settings) { settings.server.shutdown_grace = 0ms; });
  Download download(*old, slow_drip(body, 100, 50ms));
  const auto next = succession.start();
  CHECK(is_healthy(next->port()));
  download.read_rest();
  CHECK(download.response.complete);
  CHECK(download.response.body == body);
  download.client.close();
  CHECK(eventually([&] { return old->stopped(); }, kPatience));
}

TEST_CASE("Handover ends a response that takes too long", "[app][integration]") {
  struct Row {
    const char* why;
    std::chrono::milliseconds handover_grace;
    int stop_requests;
    std::chrono::milliseconds shutdown_grace;
  };
  const Row rows[] = {
      {"handover_grace is over", 200ms, 0, 1h},
      {"a stop request: shutdown_grace counts", 1h, 1, 200ms},
      {"a second one: at once", 1h, 2, 1h},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const Succession succession;
    const auto old = succession.start([&](auto& settings) {
      settings.server.handover_grace = row.handover_grace;
      settings.server.shutdown_grace = row.shutdown_grace;
    });
    Download download(*old, stall);
    const auto next = succession.start();
    CHECK(is_healthy(next->port()));
    CHECK_FALSE(old->stopped());
    for (int i = 0; i < row.stop_requests; ++i) old->request_stop();
    CHECK(eventually([&] { return old->stopped(); }, kPatience));
    CHECK(download.client.closed_within(kPatience));
    CHECK_FALSE(next->stopped());
    CHECK(is_healthy(next->port()));
  }
}

TEST_CASE("Handover replaces a socket that a program left behind", "[app][integration]") {
  const Succession succession;
  listen_at_path(succession.path).close();
  REQUIRE(std::filesystem::exists(succession.path));
  const auto proxy = succession.start();
  const auto port = proxy->port();
  const auto next = succession.start();
  CHECK(next->port() == port);
  CHECK(eventually([&] { return proxy->stopped(); }, kPatience));
}

TEST_CASE("Handover does not replace what is no socket", "[app][integration]") {
  const Succession succession;
  const auto file = succession.folder.write("handover", "precious");
  CHECK_THAT(problem_of_start(succession), Catch::Contains("no socket"));
  CHECK(std::filesystem::file_size(file) == 8);
}

TEST_CASE("Handover to a program with another address ends the old one all the same",
          "[app][integration]") {
  const Succession succession;
  const auto old = succession.start();
  std::uint16_t other = 0;
  SECTION("other port") {
    other = bound_port(listen_on_loopback(false));  // free again
  }
  SECTION("other host") {}
  const auto next = succession.start([&](auto& settings) {
    settings.server.port = other;
    if (other == 0) settings.server.host = "127.0.0.2";
  });
  CHECK(next->port() != old->port());
  CHECK((other == 0 || next->port() == other));
  CHECK(eventually([&] { return old->stopped(); }, kPatience));
  CHECK_FALSE(RawConnection(old->port()).connected());
}
