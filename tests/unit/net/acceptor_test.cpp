#include "sluice/net/acceptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/socket.hpp"

namespace sluice::net {
namespace {

int open_socket(int family, int type) {
  return ::socket(family, type | SOCK_CLOEXEC, 0);
}

/// Whether any epoll set of this process watches the socket.
bool is_watched(int fd) {
  struct stat of_socket {};
  REQUIRE(::fstat(fd, &of_socket) == 0);
  const auto mark = fmt::format("ino:{:x} ", of_socket.st_ino);
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("tfd:") && line.find(mark) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("Acceptor adopts only listening TCP sockets", "[net][unit]") {
  struct Row {
    const char* why;
    std::function<int()> open;
    const char* problem;  ///< nullptr: adopted
  };
  const Row rows[] = {
      {"IPv4", [] { return test::listen_on_loopback(false).release(); }, nullptr},
      {"IPv6", [] { return test::listen_on_loopback(true).release(); }, nullptr},
      {"bound only", [] { return test::refuse_on_loopback().release(); }, "it does not listen"},
      {"UDP", [] { return open_socket(AF_INET, SOCK_DGRAM); }, "another kind"},
      {"Unix", [] { return open_socket(AF_UNIX, SOCK_STREAM); }, "another kind"},
      {"a file", [] { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }, "it is no socket"},
      {"nothing", [] { return -1; }, "it is no socket"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.why);
    asio::io_context io;
    Acceptor acceptor(io, [](int fd) { ::close(fd); });
    const int fd = row.open();
    const auto adopted = acceptor.adopt(FileDescriptor(fd));
    CHECK(adopted.has_value() == (row.problem == nullptr));
    if (row.problem) {
      CHECK_THAT(adopted.error().context, Catch::Contains(row.problem));
      CHECK(::fcntl(fd, F_GETFD) == -1);  // closed
      CHECK(acceptor.descriptor() == -1);
    }
  }
}

TEST_CASE("Acceptor takes connections from an adopted socket", "[net][unit]") {
  for (const bool ipv6 : {false, true}) {
    CAPTURE(ipv6);
    auto listener = test::listen_on_loopback(ipv6);
    const auto port = test::bound_port(listener);
    ::fcntl(listener.get(), F_SETFL, 0);
    ::fcntl(listener.get(), F_SETFD, 0);
    const int fd = listener.release();
    asio::io_context io;
    std::vector<test::Fd> taken;
    Acceptor acceptor(io, [&](int client) { taken.emplace_back(client); });
    // What waits in the queue already is not lost.
    const auto early = test::connect_to_loopback(port, ipv6, 0, test::kNever);
    REQUIRE(acceptor.adopt(FileDescriptor(fd)).has_value());
    CHECK(acceptor.local().port() == port);
    CHECK(acceptor.local().address().is_loopback());
    CHECK(acceptor.local().address().is_v6() == ipv6);
    CHECK(acceptor.descriptor() == fd);
    CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    acceptor.start();
    const auto late = test::connect_to_loopback(port, ipv6, 0, test::kNever);
    CHECK(test::eventually([&] {
      io.poll();
      return taken.size() == 2;
    }));
  }
}

TEST_CASE("Acceptor leaves a socket that others hold as it is", "[net][unit]") {
  for (const bool adopted : {true, false}) {
    CAPTURE(adopted);
    asio::io_context io;
    Acceptor acceptor(io, [](int fd) { ::close(fd); });
    if (adopted) {
      REQUIRE(
          acceptor.adopt(FileDescriptor(test::listen_on_loopback(false).release())).has_value());
    } else {
      REQUIRE(acceptor.listen("127.0.0.1", 0).has_value());
    }
    const auto port = acceptor.local().port();
    const test::Fd shared(::fcntl(acceptor.descriptor(), F_DUPFD_CLOEXEC, 0));
    acceptor.start();
    io.poll();
    REQUIRE(is_watched(shared.get()));
    acceptor.close();
    CHECK_FALSE(is_watched(shared.get()));
    CHECK(acceptor.descriptor() == -1);
    CHECK(acceptor.local().port() == port);
    const auto client = test::connect_to_loopback(port, false, 0, test::kNever);
    REQUIRE(client);
    CHECK(test::eventually([&] { return static_cast<bool>(test::accept_from(shared)); }));
  }
}

}  // namespace sluice::net
