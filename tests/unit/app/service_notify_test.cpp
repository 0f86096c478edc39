#include "sluice/app/service_notify.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "support/catch.hpp"
#include "support/socket.hpp"
#include "support/temp_dir.hpp"

namespace sluice::app {
namespace {

/// A service manager's socket; `address` as in NOTIFY_SOCKET.
class Manager {
 public:
  explicit Manager(const std::string& address)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, address.data(), address.size());
    if (address.front() == '@') name.sun_path[0] = '\0';
    const auto size = offsetof(sockaddr_un, sun_path) + address.size();
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name),
                   static_cast<socklen_t>(size)) == 0);
  }
  /// The next datagram; empty when there is none.
  std::string next() {
    std::array<char, 1000> text{};
    const auto got = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return {text.data(), got < 0 ? 0 : static_cast<std::size_t>(got)};
  }

 private:
  test::Fd socket_;
};

/// NOTIFY_SOCKET for the time of a test.
class Environment {
 public:
  explicit Environment(const std::string& address) {
    ::setenv("NOTIFY_SOCKET", address.c_str(), 1);
  }
  ~Environment() { ::unsetenv("NOTIFY_SOCKET"); }
};

/// The number after `name` in a datagram.
std::uint64_t number_after(const std::string& text, const std::string& name) {
  const auto at = text.find(name);
  REQUIRE(at != std::string::npos);
  return std::stoull(text.substr(at + name.size()));
}

TEST_CASE("Notifications reach sockets with a path and abstract ones", "[app][unit]") {
  const test::TempDir folder;
  const auto abstract = "@sluice-test-" + folder.path().filename().string();
  for (const auto& address : {(folder.path() / "notify").string(), abstract}) {
    CAPTURE(address);
    Manager manager(address);
    const Environment environment(address);
    REQUIRE(send_notification(address, "A=1\nB=2").has_value());
    CHECK(manager.next() == "A=1\nB=2");
    notify_ready("serving");
    CHECK(manager.next() == "READY=1\nSTATUS=serving");
    notify_stopping("draining");
    CHECK(manager.next() == "STOPPING=1\nSTATUS=draining");
    notify_taken_over(42, "serving");
    CHECK(manager.next() == "MAINPID=42\nREADY=1\nSTATUS=serving");
    CHECK(manager.next().empty());
  }
}

TEST_CASE("Notification of a reload says when it began", "[app][unit]") {
  const test::TempDir folder;
  const auto address = (folder.path() / "notify").string();
  Manager manager(address);
  const Environment environment(address);
  const auto microseconds = [] {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1000;
  };
  const auto before = microseconds();
  notify_reloading();
  const auto after = microseconds();
  const auto text = manager.next();
  CHECK(text.starts_with("RELOADING=1\n"));
  const auto told = number_after(text, "MONOTONIC_USEC=");
  CHECK(told >= before);
  CHECK(told <= after);
}

TEST_CASE("Notifications that cannot be sent are told apart", "[app][unit]") {
  const test::TempDir folder;
  struct Row {
    const char* why;
    std::string address;
    const char* problem;
  };
  const Row rows[] = {
      {"nobody there", (folder.path() / "nobody").string(), "No such file"},
      {"neither path nor abstract", "vsock:2:1234", "not an address"},
      {"nothing", "", "not an address"},
      {"no room for it in an address", "/" + std::string(107, 'x'), "too long"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.why);
    const auto sent = send_notification(row.address, "READY=1");
    REQUIRE_FALSE(sent.has_value());
    CHECK_THAT(sent.error().context, Catch::Contains(row.problem));
  }
}

}  // namespace
}  // namespace sluice::app
