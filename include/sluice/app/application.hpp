#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sluice/app/generation.hpp"
#include "sluice/app/settings_error.hpp"
#include "sluice/core/metrics.hpp"
#include "sluice/net/resolver.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/routes/services.hpp"
#include "sluice/server/server.hpp"

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
  /// Serves until request_stop() and server.shutdown_delay after it, and then until running
  /// responses are finished or server.shutdown_grace is over; or until another process has taken
  /// the place of this one, and then until its connections have ended or server.handover_grace is
  /// over. Once.
  void run();
  /// Any thread, any number of times; the second call waits neither for responses nor for
  /// server.shutdown_delay.
  void request_stop();
  /// Loads the settings again with `load`, and takes over what can change while the program runs;
  /// the log says what that is, and what needs a restart. When they cannot be used the old ones
  /// stay. Requests under way end as they began. Any thread.
  using Load = std::function<Checked<Settings>()>;
  void request_reload(Load load);
  /// From now on SIGINT and SIGTERM call request_stop(), and SIGHUP request_reload().
  void obey_signals(Load load);

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
  [[nodiscard]] std::unique_ptr<Succession> make_succession();
  void drain_after_handover();
  void begin_stop();
  void stop(Clock::duration grace);
  void stop_step();
  void reload(const Load& load);
  void wait_for_signal();
  /// What the workers answer with from now on.
  [[nodiscard]] server::Server::MakeServing serving();
  [[nodiscard]] unsigned open_connections() const;

  Settings settings_;  ///< in effect; changes on the control thread
  asio::io_context control_{1};
  asio::steady_timer stop_timer_{control_};
  upstream::HostLimiter limiter_;  ///< permits may come back until the workers are gone
  net::WorkerPool workers_;
  Metrics metrics_;
  std::atomic<bool> leaving_ = false;
  const routes::ProgramState program_{metrics_, limiter_, leaving_};
  net::Resolver resolver_;
  Generations generations_;
  std::shared_ptr<Generation> generation_;      ///< of settings_
  access::Gate open_gate_{access::Settings()};  ///< of the demo's origin
  std::unique_ptr<server::Server> proxy_;
  std::unique_ptr<server::Server> demo_;
  std::unique_ptr<asio::executor_work_guard<asio::io_context::executor_type>> running_;
  struct Signals;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<Succession> succession_;

  int stop_requests_ = 0;
  bool stopping_ = false;  ///< stop_step() comes again and again
  bool draining_ = false;  ///< stop() was called
  bool aborted_ = false;
  TimePoint stop_at_{};
};

}  // namespace sluice::app
