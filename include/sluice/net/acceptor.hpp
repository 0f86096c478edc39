#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "sluice/core/error.hpp"
#include "sluice/net/asio.hpp"

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
  void start();
  /// Refuses further connections. Call on io's thread, or when it does not run.
  void close();

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
