#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/handover_peer.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/temp_dir.hpp"

// Two programs in one process: to each other they are strangers all the same.

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kHealth = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr auto kPatience = 5s;

/// A folder with a handover socket, and programs that use it.
struct Succession {
  using Change = std::function<void(app::Settings&)>;

  /// A program that listens, and may be on its way to take over.
  [[nodiscard]] std::unique_ptr<Proxy> begin(const Change& change = {}) const {
    return std::make_unique<Proxy>([&](app::Settings& settings) {
      settings.server.handover_socket = path;
      if (change) change(settings);
    });
  }
  /// A program that has taken over.
  [[nodiscard]] std::unique_ptr<Proxy> start(const Change& change = {}) const {
    const auto before = inode();
    auto proxy = begin(change);
    REQUIRE(eventually([&] { return inode() != 0 && inode() != before; }, kPatience));
    return proxy;
  }
  /// Of the handover socket; 0 when there is none.
  [[nodiscard]] ino_t inode() const {
    struct stat there {};
    return ::lstat(path.c_str(), &there) == 0 ? there.st_ino : 0;
  }

  TempDir folder;
  std::string path = (folder.path() / "handover").string();
};

bool is_healthy(std::uint16_t port) {
  return get(port, "/health").status == 200;
}

/// The response to one request over a connection that is kept.
Response ask(RawConnection& connection) {
  REQUIRE(connection.send(kHealth));
  return connection.read_response();
}

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

std::string problem_of_start(const Succession& succession, const Succession::Change& change = {}) {
  try {
    static_cast<void>(succession.begin(change));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
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

TEST_CASE("Handover that the new program does not finish changes nothing", "[app][integration]") {
  const Succession succession;
  const auto old = succession.start();
  const auto port = old->port();
  RawConnection kept(port);
  CHECK(ask(kept).status == 200);
  struct Row {
    const char* why;
    const char* sent;  ///< after the hello
  };
  const Row rows[] = {
      {"it ends", ""},
      {"it ends in the middle of a word", "serv"},
      {"it says something else", "no, thanks\n"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    {
      HandoverPeer peer(succession.path);
      REQUIRE(peer.send("sluice-handover 1\n"));
      CHECK(peer.receive() == "socket");
      CHECK(bound_port(peer.socket()) == port);
      if (*row.sent) REQUIRE(peer.send(row.sent));
      if (std::string_view(row.sent).ends_with('\n')) CHECK(peer.receive() == std::nullopt);
    }
    CHECK(ask(kept).headers["Connection"].empty());
    CHECK(is_healthy(port));
  }
  // Nor does it keep the next one from it.
  const auto next = succession.start();
  CHECK(next->port() == port);
  CHECK(ask(kept).headers["Connection"] == "close");
}

TEST_CASE("Handover is refused with a reason", "[app][integration]") {
  const Succession succession;
  const auto old = succession.start();
  struct Row {
    const char* why;
    const char* hello;
    const char* answer;
  };
  const Row rows[] = {
      {"a later version", "sluice-handover 2\n", "refused this process knows version 1"},
      {"a version that begins alike", "sluice-handover 10\n",
       "refused this process knows version 1"},
      {"another protocol", "GET / HTTP/1.1\n", "refused it asks for something else"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    HandoverPeer peer(succession.path);
    REQUIRE(peer.send(row.hello));
    const auto answer = peer.receive();
    REQUIRE(answer);
    CHECK_THAT(*answer, Catch::StartsWith(row.answer));
    CHECK_FALSE(peer.socket());
    CHECK(peer.receive() == std::nullopt);  // and nothing after it
  }
  CHECK(is_healthy(old->port()));
}

TEST_CASE("Handover is to one program at a time", "[app][integration]") {
  const Succession succession;
  const auto old = succession.start();
  HandoverPeer first(succession.path);
  REQUIRE(first.send("sluice-handover 1\n"));
  REQUIRE(first.receive() == "socket");
  CHECK_THAT(problem_of_start(succession), Catch::Contains("another process is taking over"));
  REQUIRE(first.send("serving\n"));
  REQUIRE(first.receive() == "draining");
  // Until the first one has put its own socket in its place, the old one answers.
  CHECK_THAT(problem_of_start(succession), Catch::Contains("has handed over already"));
  CHECK_FALSE(old->stopped());
  REQUIRE(first.send("done\n"));
  CHECK(eventually([&] { return old->stopped(); }, kPatience));
}

TEST_CASE("Handover by a program that refuses, or is none of ours, is an error",
          "[app][integration]") {
  struct Row {
    const char* why;
    const char* answer;
    const char* problem;
  };
  const Row rows[] = {
      {"another version", "refused this process knows version 7\n", "knows version 7"},
      {"another program", "220 mail.example\n", "it says something else"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const Succession succession;
    const auto listener = listen_at_path(succession.path);
    std::thread host([&] {
      HandoverPeer peer(accept_peer(listener));
      static_cast<void>(peer.receive());
      peer.send(row.answer);
    });
    CHECK_THAT(problem_of_start(succession), Catch::Contains(row.problem));
    host.join();
    CHECK(std::filesystem::exists(succession.path));
  }
}

TEST_CASE("Handover by a program that ends in the middle is finished without it",
          "[app][integration]") {
  const Succession succession;
  auto path_listener = listen_at_path(succession.path);
  auto listener = listen_on_loopback(false);
  const auto port = bound_port(listener);
  bool served = false;
  std::thread host([&] {
    HandoverPeer peer(accept_peer(path_listener));
    static_cast<void>(peer.receive());
    peer.send("socket\n", listener.get());
    served = peer.receive() == "serving";
    path_listener.close();
    listener.close();
  });
  const auto next = succession.start();
  host.join();
  CHECK(served);
  CHECK(next->port() == port);
  // Its socket is at the path now.
  CHECK(eventually([&] { return HandoverPeer(succession.path).connected(); }, kPatience));
  CHECK(is_healthy(port));
  CHECK_FALSE(next->stopped());
}

TEST_CASE("Handover by a program that goes on after all is given up", "[app][integration]") {
  const Succession succession;
  const auto path_listener = listen_at_path(succession.path);
  const auto listener = listen_on_loopback(false);
  std::thread host([&] {
    HandoverPeer peer(accept_peer(path_listener));
    static_cast<void>(peer.receive());
    peer.send("socket\n", listener.get());
    static_cast<void>(peer.receive());
  });
  const auto next = succession.begin();
  host.join();
  CHECK(eventually([&] { return next->stopped(); }, kPatience));
  // The old one keeps its place, and what it listens on.
  CHECK(HandoverPeer(succession.path).connected());
  CHECK(RawConnection(bound_port(listener)).connected());
}
