#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/certificates.hpp"
#include "support/origin_connection.hpp"
#include "support/origin_handlers.hpp"
#include "support/origin_journal.hpp"

namespace sluice::test {

/// Where and how a ScriptedOrigin listens.
struct OriginOptions {
  bool ipv6 = false;                    ///< [::1] instead of 127.0.0.1
  std::string host;                     ///< host in url(), e.g. "localhost"; empty = the address
  std::optional<KeyedCertificate> tls;  ///< plain when empty
  int send_buffer = 0;                  ///< bytes for SO_SNDBUF; 0 = the system's default
};

/// An HTTP/1.1 server on a loopback port that answers by script and remembers what it was asked.
///
/// Listens from construction to destruction, one thread per connection. The destructor wakes and
/// joins them all, whatever they wait for. All functions may be called from any thread.
/// Construction throws std::system_error or std::runtime_error (bad certificate).
class ScriptedOrigin {
 public:
  explicit ScriptedOrigin(const OriginOptions& options = {});
  ~ScriptedOrigin();
  ScriptedOrigin(const ScriptedOrigin&) = delete;
  ScriptedOrigin& operator=(const ScriptedOrigin&) = delete;

  /// Answers requests whose path (target up to '?') is `path`; with a '?' in `path`, whose whole
  /// target is it, which goes first. Replaces an earlier handler. Holds from the next request on.
  void on(std::string path, OriginHandler handler);
  /// Answers requests whose path begins with `prefix` and for which there is no `on`; the longest
  /// prefix wins. `on_prefix("/", ...)` answers everything else instead of the usual 404.
  void on_prefix(std::string prefix, OriginHandler handler);

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "127.0.0.1:PORT", or with the host of the options.
  [[nodiscard]] std::string authority() const;
  /// "http://127.0.0.1:PORT/path"; https under TLS.
  [[nodiscard]] std::string url(std::string_view target) const;

  /// All well-formed requests so far, in the order they were complete, recorded before their
  /// handler runs.
  [[nodiscard]] std::vector<OriginRequest> requests() const;
  /// Those whose path is `path`.
  [[nodiscard]] std::vector<OriginRequest> requests_to(std::string_view path) const;
  [[nodiscard]] std::size_t request_count() const;
  /// Waits until there were at least `count` requests; false when not in time.
  [[nodiscard]] bool wait_for_requests(
      std::size_t count, std::chrono::milliseconds timeout = std::chrono::seconds(10)) const;

  /// All connections so far, by index. What a record says has happened; a client may see a close or
  /// a byte a moment before it is recorded (see eventually.hpp).
  [[nodiscard]] std::vector<ConnectionRecord> connections() const;
  /// Connections accepted so far.
  [[nodiscard]] std::size_t connection_count() const;
  /// Connections that neither side has closed.
  [[nodiscard]] std::size_t open_connections() const;
  /// Waits until exactly `count` connections are open; false when not in time.
  [[nodiscard]] bool wait_for_open_connections(
      std::size_t count, std::chrono::milliseconds timeout = std::chrono::seconds(10)) const;

  /// Requests that broke the rules of HTTP (answered with 400) and exceptions out of handlers, each
  /// with its connection's index. A test of a good client wants this empty.
  [[nodiscard]] std::vector<std::string> problems() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::test
