#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "sluice/net/acceptor.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/server/serving.hpp"

namespace sluice::server {

/// An HTTP/1.1 server on one address: accepts, hands each connection to the least loaded worker,
/// and ends them in an orderly way.
///
/// To stop: stop_accepting(), drain(), wait until open_connections() is 0 or patience ends, then
/// abort() and wait again; only then may the workers be stopped and this be destroyed.
class Server {
 public:
  /// What the worker of this number answers with; called on its thread, or before it runs.
  using MakeServing = std::function<ServingPtr(std::size_t worker)>;

  /// `accept_io` runs the accepting, on one thread; `workers` outlive the server.
  Server(asio::io_context& accept_io, net::WorkerPool& workers, unsigned max_connections,
         const MakeServing& make);
  ~Server();

  /// Binds that address. internal, with a context for the user.
  [[nodiscard]] Result<> listen(const std::string& host, std::uint16_t port);
  /// The same on a socket that listens already, as Acceptor::adopt().
  [[nodiscard]] Result<> listen(net::FileDescriptor socket);
  /// Requests that begin from now on are answered with what `make` gives. Any thread.
  void replace(unsigned max_connections, MakeServing make);
  void start() { acceptor_.start(); }

  /// The address that is really bound.
  [[nodiscard]] tcp::endpoint local() const { return acceptor_.local(); }
  /// The listening socket, as Acceptor::descriptor(). On accept_io's thread.
  [[nodiscard]] int descriptor() { return acceptor_.descriptor(); }
  /// Any thread.
  [[nodiscard]] unsigned open_connections() const noexcept { return open_; }

  /// On accept_io's thread, or when it does not run.
  void stop_accepting() { acceptor_.close(); }
  /// Ends idle connections now, the others after their response. Any thread.
  void drain();
  /// Ends no connection by surprise: an idle one gets the response to one more request, which says
  /// that it is the last, or ends after its idle_timeout. drain() may follow. Any thread.
  void drain_gently();
  /// Ends every connection now. Any thread.
  void abort();

 private:
  struct Part;

  void take(int fd);
  void on_each_worker(const std::function<void(Part&)>& action);

  net::WorkerPool& workers_;
  std::atomic<unsigned> max_connections_;
  net::Acceptor acceptor_;
  RequestIds refused_ids_;                    ///< for connections that no worker gets
  std::vector<std::unique_ptr<Part>> parts_;  ///< one per worker, touched on its thread
  std::atomic<unsigned> open_ = 0;
};

}  // namespace sluice::server
