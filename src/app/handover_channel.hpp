#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/core/clock.hpp"
#include "sluice/core/error.hpp"
#include "sluice/net/asio.hpp"
#include "sluice/net/file_descriptor.hpp"

namespace sluice::app {

/// The two ends of a handover exchange lines, in this order:
///
///   new: sluice-handover 1       the version of what follows
///   old: socket                  with the listening socket as ancillary data (SCM_RIGHTS)
///   new: serving                 it accepts connections
///   old: draining                it does not any more
///   new: done                    the handover socket's path is its own, the service manager knows
///
/// Instead of its line the old one may say "refused REASON". A connection that ends before
/// "serving" leaves everything as it was.
namespace handover {
inline constexpr std::string_view kHello = "sluice-handover ";
inline constexpr std::string_view kVersion = "1";
inline constexpr std::string_view kSocket = "socket";
inline constexpr std::string_view kServing = "serving";
inline constexpr std::string_view kDraining = "draining";
inline constexpr std::string_view kDone = "done";
inline constexpr std::string_view kRefused = "refused ";
}  // namespace handover

/// One end of the connection between an old and a new process: lines, with a socket beside. One
/// thread. Errors are internal, with a context such as "it has closed the connection".
class HandoverChannel {
 public:
  /// Takes a connected Unix socket. `io` runs the waits of receive().
  HandoverChannel(asio::io_context& io, net::FileDescriptor connection);

  /// The process at the other end; 0 when it is invisible from here (another container).
  [[nodiscard]] pid_t peer() const noexcept { return peer_; }
  /// The other end has this process's user, or is root's.
  [[nodiscard]] bool trusted() const noexcept { return trusted_; }
  /// "pid 123", or "another process" when it is not known.
  [[nodiscard]] std::string peer_name() const;

  /// Sends `line`, which has no line end, with the descriptor `socket` unless that is -1.
  [[nodiscard]] Result<> send(std::string_view line, int socket = -1);
  /// The next line, without its end.
  [[nodiscard]] awaitable<Result<std::string>> receive(Clock::duration patience);
  /// The same for a thread that has nothing else to do.
  [[nodiscard]] Result<std::string> receive_blocking(Clock::duration patience);
  /// The socket that came with the lines so far, if any.
  [[nodiscard]] net::FileDescriptor take_socket() noexcept { return std::move(socket_); }

 private:
  [[nodiscard]] Result<bool> read_more();
  [[nodiscard]] std::optional<std::string> next_line();

  asio::posix::stream_descriptor connection_;
  pid_t peer_ = 0;
  bool trusted_ = false;
  std::string received_;
  net::FileDescriptor socket_;
};

}  // namespace sluice::app
