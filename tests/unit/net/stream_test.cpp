#include "sluice/net/stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

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
    stream.emplace(worker, near.release());
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

/// What SO_RCVLOWAT is at the moment.
int receive_lowat(const Stream& stream) {
  int bytes = 0;
  socklen_t size = sizeof bytes;
  REQUIRE(::getsockopt(stream.fd(), SOL_SOCKET, SO_RCVLOWAT, &bytes, &size) == 0);
  return bytes;
}

/// Takes bytes from one connection to another, waiting in batches.
struct Splicer {
  /// Takes `count` bytes of which `rest` are announced; the largest batch waited for, or -1.
  awaitable<int> take(std::size_t count, std::size_t rest) {
    int largest = 0;
    while (count > 0) {
      auto pipe = from.worker.pipes().take(SplicePipePool::Size::large);
      const auto moved = from.stream->try_splice_in(*pipe, count);
      if (!moved || *moved == std::optional<std::size_t>(0)) co_return -1;
      if (!*moved) {
        if (co_await from.stream->wait_for_batch(rest, Deadline::in(8s))) co_return -1;
        CHECK(static_cast<std::size_t>(receive_lowat(*from.stream)) <= rest);
        largest = std::max(largest, receive_lowat(*from.stream));
        continue;
      }
      count -= **moved;
      rest -= **moved;
      while (pipe->held() > 0) {
        if (!to.stream->try_splice_out(*pipe)) co_return -1;
        while (::recv(to.peer.get(), dropped.data(), dropped.size(), MSG_DONTWAIT) > 0) continue;
      }
    }
    co_return largest;
  }

  Pair from;
  Pair to;
  std::vector<char> dropped = std::vector<char>(64 * 1024);
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

TEST_CASE("Stream waits for a fast peer in batches, and notices when it stops short",
          "[net][unit]") {
  constexpr std::size_t kBurst = 8'000'000;
  constexpr std::size_t kShort = 10'000;
  Splicer splicer;
  const auto text = test::random_bytes(kBurst);
  std::thread sending;
  int batch = 0;
  // How fast a peer is depends on the machine: until it was once.
  for (int burst = 0; burst < 50 && batch < 64 * 1024; ++burst) {
    if (sending.joinable()) sending.join();
    sending = std::thread([&] { splicer.from.peer_sends(text); });
    batch = test::run_on(splicer.from.worker, splicer.take(kBurst, 1'000'000'000));
    REQUIRE(batch >= 0);
  }
  sending.join();
  CHECK(batch >= 64 * 1024);
  splicer.from.peer_sends(std::string_view(text).substr(0, kShort));
  CHECK(test::run_on(splicer.from.worker, splicer.take(kShort, 1'000'000'000)) >= 0);
  splicer.from.stream->end_batches();
  CHECK(receive_lowat(*splicer.from.stream) == 1);
}

TEST_CASE("Stream never waits for a larger batch than the rest", "[net][unit]") {
  Splicer splicer;
  for (const std::size_t size : {3'000'000u, 70'000u, 65'536u, 65'537u, 200'000u, 1u}) {
    INFO(size);
    const auto text = test::random_bytes(size);
    std::thread sending([&] { splicer.from.peer_sends(text); });
    CHECK(test::run_on(splicer.from.worker, splicer.take(size, size)) >= 0);
    sending.join();
  }
}

}  // namespace sluice::net
