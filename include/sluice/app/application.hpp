#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "sluice/access/password.hpp"
#include "sluice/app/settings.hpp"
#include "sluice/net/resolver.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/server/server.hpp"
#include "sluice/upstream/host_limiter.hpp"
#include "sluice/upstream/transport.hpp"

namespace sluice::app {

class Succession;

/// The whole program: owns everything, in the order of use; destroyed in reverse.
class Application {
 public:
  /// With `demo`, a second server on a loopback port of the system's choice serves the demo clip.
  Application(Settings settings, bool demo);
  /// run() must have returned.
  ~Application();

  /// Listens: on `passed` (take_passed_socket()) if there is one, on the socket of the process
  /// whose place this one takes (server.handover_socket), or on server.host and server.port.
  /// internal, with a context for the user.
  [[nodiscard]] Result<> listen(net::FileDescriptor passed = {});
  /// Serves until request_stop(), and then until running responses are finished or
  /// server.shutdown_grace is over; or until another process has taken the place of this one, and
  /// then until its connections have ended or server.handover_grace is over. Once.
  void run();
  /// Any thread, any number of times; the second call does not wait for responses.
  void request_stop();
  /// SIGINT and SIGTERM call request_stop() from now on.
  void stop_on_signals();

  /// "http://127.0.0.1:8888", as bound.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::uint16_t port() const { return proxy_->local().port(); }
  /// What a player can be pointed at: "title: URL" for each demo stream; empty without demo.
  [[nodiscard]] std::vector<std::string> demo_lines() const;
  /// After run(): something could not be ended. A name look-up may hang in the system's resolver,
  /// and destroying this would wait for it; a connection left over would be a bug.
  [[nodiscard]] bool stuck() const { return resolver_.busy() || open_connections() > 0; }
  /// After run(): the process whose place this one was to take has not left it.
  [[nodiscard]] bool gave_up() const;

 private:
  struct PerWorker;

  [[nodiscard]] std::unique_ptr<Succession> make_succession();
  void drain_after_handover();
  void begin_stop();
  void stop_step();
  [[nodiscard]] unsigned open_connections() const;

  const Settings settings_;
  const server::Settings demo_settings_;
  const access::Password password_;
  const access::Password no_password_{""};
  asio::io_context control_{1};
  asio::steady_timer stop_timer_{control_};
  upstream::HostLimiter limiter_;  ///< permits may come back until the workers are gone
  net::WorkerPool workers_;
  net::Resolver resolver_;
  upstream::Transport transport_;
  std::vector<std::unique_ptr<PerWorker>> per_worker_;
  std::unique_ptr<server::Server> proxy_;
  std::unique_ptr<server::Server> demo_;
  std::unique_ptr<asio::executor_work_guard<asio::io_context::executor_type>> running_;
  struct Signals;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<Succession> succession_;

  int stop_requests_ = 0;
  bool stopping_ = false;  ///< stop_step() comes again and again
  bool aborted_ = false;
  TimePoint stop_at_{};
};

}  // namespace sluice::app
