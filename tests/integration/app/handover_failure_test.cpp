#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "integration/app/programs.hpp"
#include "support/catch.hpp"
#include "support/handover_peer.hpp"
#include "support/http_client.hpp"

using namespace sluice::test;

namespace {

constexpr auto kPatience = kHandoverPatience;

}  // namespace

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
