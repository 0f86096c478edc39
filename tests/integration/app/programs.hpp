#pragma once

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/temp_dir.hpp"

namespace sluice::test {

// Two programs in one process: to each other they are strangers all the same.

constexpr auto kHandoverPatience = std::chrono::seconds(5);

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
    REQUIRE(eventually([&] { return inode() != 0 && inode() != before; }, kHandoverPatience));
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

inline bool is_healthy(std::uint16_t port) {
  return get(port, "/health").status == 200;
}

/// The response to one request over a connection that is kept.
inline Response ask(RawConnection& connection) {
  REQUIRE(connection.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n"));
  return connection.read_response();
}

/// What keeps a program from starting; empty when nothing does.
inline std::string problem_of_start(const Succession& succession,
                                    const Succession::Change& change = {}) {
  try {
    static_cast<void>(succession.begin(change));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

}  // namespace sluice::test
