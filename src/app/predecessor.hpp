#pragma once

#include <memory>
#include <string>

#include "handover_channel.hpp"

namespace sluice::app {

/// The side of a handover that is to serve from now on: a process that serves already, found
/// through its handover socket. It goes on as before when this is destroyed before relieve(). One
/// thread.
class Predecessor {
 public:
  /// Asks the process behind the socket at `path` for its listening socket. Null when nobody is
  /// there, or nobody answers. internal, with a context for the user, when it refuses, belongs to
  /// another user or the path cannot be used. Blocks, for some seconds at most.
  [[nodiscard]] static Result<std::unique_ptr<Predecessor>> find(asio::io_context& io,
                                                                 const std::string& path);

  /// "pid 123"
  [[nodiscard]] std::string name() const { return channel_.peer_name(); }
  /// Its listening socket; none when taken already.
  [[nodiscard]] net::FileDescriptor take_socket() noexcept { return channel_.take_socket(); }

  /// Says that this process serves, and waits until the other one does not any more. internal when
  /// that did not happen, as far as can be told.
  [[nodiscard]] awaitable<Result<>> relieve();
  /// After relieve(): it may end now.
  void dismiss() { static_cast<void>(channel_.send(handover::kDone)); }

 private:
  Predecessor(asio::io_context& io, net::FileDescriptor connection)
      : channel_(io, std::move(connection)) {}

  HandoverChannel channel_;
};

/// Somebody answers connections at the handover socket `path`.
[[nodiscard]] bool somebody_hosts(const std::string& path);

}  // namespace sluice::app
