#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/origin_connection.hpp"

namespace sluice::test {

/// What happened on one connection so far.
struct ConnectionRecord {
  std::size_t index = 0;                      ///< 0 = the first accepted
  TimePoint accepted{};                       ///< when
  std::optional<TimePoint> closed_by_peer;    ///< when the peer's FIN or RST was first seen
  std::optional<TimePoint> closed_by_origin;  ///< when the origin had closed its end
  std::size_t requests = 0;                   ///< well-formed requests received on it
  std::uint64_t bytes_sent = 0;               ///< plain bytes the kernel took (under TLS: OpenSSL)
  std::string tls_server_name;                ///< SNI the client sent; empty when none or plain
  bool tls_session_reused = false;            ///< the client resumed an earlier session
  std::string tls_error;                      ///< why the handshake failed, e.g. the client's alert
};

/// What a ScriptedOrigin remembers. Its own threads write to it and the test's threads read it; all
/// functions may be called from any thread.
class OriginJournal {
 public:
  /// Notes a new connection and returns its index.
  std::size_t accepted();
  /// Changes the record of a connection; `change` runs under the lock.
  void update(std::size_t connection, const std::function<void(ConnectionRecord&)>& change);
  void received(const OriginRequest& request);
  void trouble(std::size_t connection, const std::string& what);

  [[nodiscard]] std::vector<OriginRequest> requests() const;
  [[nodiscard]] std::vector<ConnectionRecord> connections() const;
  [[nodiscard]] std::vector<std::string> problems() const;
  [[nodiscard]] std::size_t request_count() const;
  [[nodiscard]] std::size_t connection_count() const;
  /// Connections that neither side has closed.
  [[nodiscard]] std::size_t open_connections() const;

  /// Both wait on the journal's changes; false when `timeout` passed first.
  [[nodiscard]] bool wait_for_requests(std::size_t count, std::chrono::milliseconds timeout);
  [[nodiscard]] bool wait_for_open_connections(std::size_t count,
                                               std::chrono::milliseconds timeout);

 private:
  [[nodiscard]] std::size_t count_open() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<OriginRequest> requests_;
  std::vector<ConnectionRecord> connections_;
  std::vector<std::string> problems_;
};

}  // namespace sluice::test
