#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "app/handover_host.hpp"
#include "sluice/core/log.hpp"
#include "support/catch.hpp"
#include "support/handover_peer.hpp"
#include "support/socket.hpp"
#include "support/temp_dir.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A program that hands its socket over, on a thread of its own.
class Program {
 public:
  explicit Program(app::HandoverHost::Patience patience)
      : host_(io_, path, {[this] { return listener.get(); }, [this] { handed_over = true; }},
              patience) {
    log::configure({log::Level::off, false});
    REQUIRE(host_.prepare().has_value());
    REQUIRE(host_.publish().has_value());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Program() {
    io_.stop();
    thread_.join();
  }

  const TempDir folder;
  const std::string path = (folder.path() / "handover").string();
  const Fd listener = listen_on_loopback(false);
  std::atomic<bool> handed_over = false;

 private:
  asio::io_context io_{1};
  app::HandoverHost host_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("HandoverHost goes on when the other program hangs", "[app][integration]") {
  const Program program({0ms, 10s});
  // The second one gets as far as the first one did.
  for (int i = 0; i < 2; ++i) {
    CAPTURE(i);
    HandoverPeer silent(program.path);
    REQUIRE(silent.send("sluice-handover 1\n"));
    CHECK(silent.receive() == "socket");
    CHECK(silent.receive() == std::nullopt);
    CHECK_FALSE(program.handed_over);
  }
}

TEST_CASE("HandoverHost does not wait forever for the last word", "[app][integration]") {
  const Program program({10s, 0ms});
  HandoverPeer silent(program.path);
  REQUIRE(silent.send("sluice-handover 1\n"));
  REQUIRE(silent.receive() == "socket");
  REQUIRE(silent.send("serving\n"));
  CHECK(silent.receive() == "draining");
  CHECK(program.handed_over);
  CHECK(silent.receive() == std::nullopt);
  // Nobody has put another socket in its place.
  CHECK_FALSE(HandoverPeer(program.path).connected());
}
