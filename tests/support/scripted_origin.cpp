#include "support/scripted_origin.hpp"

#include <poll.h>

#include <array>
#include <atomic>
#include <list>
#include <system_error>
#include <thread>
#include <utility>

#include "support/origin_session.hpp"
#include "support/tls_context.hpp"

namespace sluice::test {

struct ScriptedOrigin::State {
  explicit State(const OriginOptions& options)
      : listener(listen_on_loopback(options.ipv6, options.send_buffer)),
        port(bound_port(listener)),
        host(!options.host.empty() ? options.host
             : options.ipv6        ? "[::1]"
                                   : "127.0.0.1"),
        tls(options.tls ? make_server_context(*options.tls) : nullptr) {}

  void accept_until_stopped();
  void start_session(Fd socket);
  void join_finished();

  struct Worker {
    std::atomic<bool> finished{false};
    std::thread thread;
  };

  Fd listener;
  std::uint16_t port;
  std::string host;
  SslContextPtr tls;
  StopSignal stop;
  OriginScript script;
  mutable OriginJournal journal;
  std::list<Worker> workers;  ///< touched by the acceptor only, until it is joined
  std::thread acceptor;
};

void ScriptedOrigin::State::accept_until_stopped() {
  while (true) {
    std::array<pollfd, 2> entries{{{listener.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
    ::poll(entries.data(), entries.size(), -1);
    if (stop.raised()) return;
    join_finished();
    Fd socket = accept_from(listener);
    if (socket) {
      start_session(std::move(socket));
    } else if ((entries[0].revents & POLLIN) != 0) {
      // Out of descriptors, most likely: let some be closed rather than spin.
      (void)stop.wait_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(10));
    }
  }
}

void ScriptedOrigin::State::start_session(Fd socket) {
  const std::size_t index = journal.accepted();
  auto session = std::make_unique<OriginSession>(std::move(socket), index, stop, script, journal);
  Worker& worker = workers.emplace_back();
  try {
    worker.thread = std::thread([this, &worker, session = std::move(session)] {
      session->run(tls.get());
      worker.finished = true;
    });
  } catch (const std::system_error& error) {
    workers.pop_back();
    journal.trouble(index, std::string("no thread: ") + error.what());
  }
}

void ScriptedOrigin::State::join_finished() {
  workers.remove_if([](Worker& worker) {
    if (!worker.finished) return false;
    worker.thread.join();
    return true;
  });
}

ScriptedOrigin::ScriptedOrigin(const OriginOptions& options)
    : state_(std::make_unique<State>(options)) {
  state_->acceptor = std::thread([state = state_.get()] { state->accept_until_stopped(); });
}

ScriptedOrigin::~ScriptedOrigin() {
  state_->stop.raise();
  state_->acceptor.join();
  for (auto& worker : state_->workers) worker.thread.join();
}

void ScriptedOrigin::on(std::string path, OriginHandler handler) {
  state_->script.on(std::move(path), std::move(handler));
}

void ScriptedOrigin::on_prefix(std::string prefix, OriginHandler handler) {
  state_->script.on_prefix(std::move(prefix), std::move(handler));
}

std::uint16_t ScriptedOrigin::port() const noexcept {
  return state_->port;
}

std::string ScriptedOrigin::authority() const {
  return state_->host + ":" + std::to_string(state_->port);
}

std::string ScriptedOrigin::url(std::string_view target) const {
  return (state_->tls ? "https://" : "http://") + authority() + std::string(target);
}

std::vector<OriginRequest> ScriptedOrigin::requests() const {
  return state_->journal.requests();
}

std::vector<OriginRequest> ScriptedOrigin::requests_to(std::string_view path) const {
  auto matching = requests();
  std::erase_if(matching, [&](const OriginRequest& request) { return request.path() != path; });
  return matching;
}

std::size_t ScriptedOrigin::request_count() const {
  return state_->journal.request_count();
}

bool ScriptedOrigin::wait_for_requests(std::size_t count, std::chrono::milliseconds timeout) const {
  return state_->journal.wait_for_requests(count, timeout);
}

std::vector<ConnectionRecord> ScriptedOrigin::connections() const {
  return state_->journal.connections();
}

std::size_t ScriptedOrigin::connection_count() const {
  return state_->journal.connection_count();
}

std::size_t ScriptedOrigin::open_connections() const {
  return state_->journal.open_connections();
}

bool ScriptedOrigin::wait_for_open_connections(std::size_t count,
                                               std::chrono::milliseconds timeout) const {
  return state_->journal.wait_for_open_connections(count, timeout);
}

std::vector<std::string> ScriptedOrigin::problems() const {
  return state_->journal.problems();
}

}  // namespace sluice::test
