#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "sluice/core/error.hpp"
#include "sluice/net/asio.hpp"
#include "sluice/net/file_descriptor.hpp"

namespace sluice::net {

/// A listening socket that hands each accepted connection's descriptor to a function.
class Acceptor {
 public:
  /// `io` runs the accepting; `take` owns the non-blocking descriptor it is given and runs on io's
  /// thread.
  Acceptor(asio::io_context& io, std::function<void(int fd)> take);
  ~Acceptor();

  /// Binds and listens. internal with a context that says address and reason ("already in use").
  [[nodiscard]] Result<> listen(const std::string& address, std::uint16_t port);
  /// Takes over a socket that listens already; other processes may hold it, too. Makes it
  /// non-blocking, for them as well. internal, with a context that says what is wrong with it, when
  /// it is no listening TCP socket; it is closed then.
  [[nodiscard]] Result<> adopt(FileDescriptor socket);
  void start();
  /// Takes no further connections; they are refused unless another process listens on the same
  /// socket. Call on io's thread, or when it does not run.
  void close();

  /// The socket, to be passed on; -1 before listen() and after close(). Stays this object's.
  [[nodiscard]] int descriptor() { return acceptor_.native_handle(); }

  /// The bound address, also after close(); the port is the real one when 0 was asked for. Any
  /// thread, once listen() has returned.
  [[nodiscard]] const tcp::endpoint& local() const noexcept { return local_; }

 private:
  void wait();
  void accept_all();

  tcp::acceptor acceptor_;
  tcp::endpoint local_;
  asio::steady_timer pause_;
  std::function<void(int)> take_;
};

}  // namespace sluice::net
