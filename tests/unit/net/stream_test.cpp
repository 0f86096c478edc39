#include "sluice/net/stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/socket.hpp"
#include "unit/net/run_on_worker.hpp"

namespace sluice::net {
namespace {

using namespace std::chrono_literals;

/// A Stream and the plain, blocking socket at its other end.
struct Pair {
  Pair() {
    const auto listener = test::listen_on_loopback(false);
    auto near = test::connect_to_loopback(test::bound_port(listener), false, 0, test::kNever);
    REQUIRE(test::eventually([&] {
      peer = test::accept_from(listener);
      return static_cast<bool>(peer);
    }));
    ::fcntl(peer.get(), F_SETFL, 0);
    stream.emplace(worker, tcp::socket(worker.io(), tcp::v4(), near.release()));
  }

  void peer_sends(std::string_view text) {
    REQUIRE(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  IoResult<std::size_t> read(Deadline deadline) {
    return test::run_on(worker, stream->read_some(buffer, deadline));
  }
  [[nodiscard]] std::string_view text(std::size_t size) const { return {buffer.data(), size}; }

  Worker worker;
  test::Fd peer;
  std::optional<Stream> stream;
  std::array<char, 100> buffer{};
};

}  // namespace

TEST_CASE("Stream reads what is there and tells the end", "[net][unit]") {
  Pair pair;
  pair.peer_sends("hello");
  auto got = pair.read(Deadline());
  REQUIRE(got.has_value());
  CHECK(pair.text(*got) == "hello");
  ::shutdown(pair.peer.get(), SHUT_WR);
  got = pair.read(Deadline());
  REQUIRE(got.has_value());
  CHECK(*got == 0);
}

TEST_CASE("Stream gives up waiting at its deadline, neither early nor much later", "[net][unit]") {
  Pair pair;
  const auto started = Clock::now();
  const auto got = pair.read(Deadline::in(150ms));
  const auto took = Clock::now() - started;
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error() == asio::error::timed_out);
  CHECK(took >= 150ms);
  CHECK(took < 150ms + 10 * Ticker::kInterval);
}

TEST_CASE("Stream works on after a wait timed out", "[net][unit]") {
  Pair pair;
  CHECK(pair.read(Deadline::in(1ms)).error() == asio::error::timed_out);
  pair.peer_sends("later");
  const auto got = pair.read(Deadline::in(10s));
  REQUIRE(got.has_value());
  CHECK(pair.text(*got) == "later");
}

TEST_CASE("Stream takes bytes that are there although the deadline has passed", "[net][unit]") {
  Pair pair;
  pair.peer_sends("there");
  const auto got = pair.read(Deadline::in(-1s));
  REQUIRE(got.has_value());
  CHECK(pair.text(*got) == "there");
}

TEST_CASE("Stream ends its wait, and every later one, when cancelled", "[net][unit]") {
  const auto reason = GENERATE(error_code(kClientGone), error_code(kShuttingDown));
  Pair pair;
  asio::steady_timer timer(pair.worker.io());
  timer.expires_after(20ms);
  timer.async_wait([&](error_code) { pair.stream->cancel(reason); });
  CHECK(pair.read(Deadline()).error() == reason);
  CHECK(pair.read(Deadline()).error() == reason);
  CHECK_FALSE(pair.stream->is_quiet());
}

TEST_CASE("Stream reports a reset as an error, not as an end", "[net][unit]") {
  Pair pair;
  const linger at_once{1, 0};
  ::setsockopt(pair.peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  pair.peer.close();
  CHECK(pair.read(Deadline()).error() == asio::error::connection_reset);
}

TEST_CASE("Stream writes everything, in pieces the peer takes", "[net][unit]") {
  Pair pair;
  auto text = test::random_bytes(3'000'000);
  std::array buffers{iovec{text.data(), 1}, iovec{text.data() + 1, 0},
                     iovec{text.data() + 1, text.size() - 1}};
  std::string got;
  std::thread reader([&] {
    std::array<char, 65536> piece;
    const test::Fd peer = std::move(pair.peer);
    while (got.size() < text.size()) {
      const auto size = ::recv(peer.get(), piece.data(), piece.size(), 0);
      if (size <= 0) return;
      got.append(piece.data(), static_cast<std::size_t>(size));
    }
  });
  const auto error = test::run_on(pair.worker, pair.stream->write_all(buffers, 10s));
  reader.join();
  CHECK_FALSE(error);
  CHECK(test::sha256_hex(got) == test::sha256_hex(text));
}

TEST_CASE("Stream gives up writing to a peer that takes nothing", "[net][unit]") {
  Pair pair;
  auto text = test::random_bytes(30'000'000);
  std::array buffers{iovec{text.data(), text.size()}};
  const auto error = test::run_on(pair.worker, pair.stream->write_all(buffers, 100ms));
  CHECK(error == asio::error::timed_out);
}

TEST_CASE("Stream knows whether an idle connection may be used again", "[net][unit]") {
  Pair pair;
  CHECK(pair.stream->is_quiet());
  CHECK(pair.stream->peer() == Stream::Peer::open);
  const auto is_noticed = [&] {
    return test::eventually([&] { return !pair.stream->is_quiet(); });
  };
  SECTION("the peer sent something") {
    pair.peer_sends("x");
    CHECK(is_noticed());
    CHECK(pair.stream->peer() == Stream::Peer::open);
  }
  SECTION("the peer closed its sending side") {
    ::shutdown(pair.peer.get(), SHUT_WR);
    CHECK(is_noticed());
    CHECK(pair.stream->peer() == Stream::Peer::half_closed);
  }
  SECTION("the peer reset") {
    const linger at_once{1, 0};
    ::setsockopt(pair.peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    pair.peer.close();
    CHECK(is_noticed());
  }
}

TEST_CASE("Stream closes with a reset on demand", "[net][unit]") {
  Pair pair;
  const bool reset = GENERATE(false, true);
  if (reset) pair.stream->reset_on_close();
  pair.stream.reset();
  std::array<char, 1> byte{};
  const auto got = ::recv(pair.peer.get(), byte.data(), 1, 0);
  if (reset) {
    CHECK(got == -1);
    CHECK(errno == ECONNRESET);
  } else {
    CHECK(got == 0);
  }
}

}  // namespace sluice::net
