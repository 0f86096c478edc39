#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/socket.hpp"

namespace sluice::test {

/// One end of a handover that says exactly what it is told to. Shares no code with Sluice.
class HandoverPeer {
 public:
  /// Connects to the handover socket at `path`; check connected().
  explicit HandoverPeer(const std::string& path);
  /// Takes a connected Unix socket.
  explicit HandoverPeer(Fd connection) : connection_(std::move(connection)) {}

  [[nodiscard]] bool connected() const noexcept { return static_cast<bool>(connection_); }
  /// Sends `text` as it is, with `socket` beside it unless that is -1.
  bool send(std::string_view text, int socket = -1);
  /// What comes next, up to a line end and without it; nullopt when the other end closes first, or
  /// sends nothing for ten seconds.
  [[nodiscard]] std::optional<std::string> receive();
  /// The socket that came with what was received.
  [[nodiscard]] Fd& socket() noexcept { return socket_; }

 private:
  Fd connection_;
  Fd socket_;
};

/// A listening Unix socket at `path`. Throws std::system_error.
[[nodiscard]] Fd listen_at_path(const std::string& path);
/// Waits for a connection.
[[nodiscard]] Fd accept_peer(const Fd& listener);

}  // namespace sluice::test
