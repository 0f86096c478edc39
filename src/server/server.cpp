#include "sluice/server/server.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "session.hpp"
#include "sluice/core/log.hpp"
#include "sluice/server/error_reply.hpp"

namespace sluice::server {
namespace {

/// Without waiting: a client that does not take this at once only sees the connection close.
void refuse(int fd) {
  static const auto text = [] {
    const auto body = error_body("Too many connections; try again");
    return fmt::format(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
        "Cache-Control: no-store\r\nAccess-Control-Allow-Origin: *\r\n"
        "X-Content-Type-Options: nosniff\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        body.size(), body);
  }();
  [[maybe_unused]] const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
  ::close(fd);
}

/// Takes a connection off the counts, however it ends.
class Departure {
 public:
  Departure(std::atomic<unsigned>& load, std::atomic<unsigned>& open) : load_(load), open_(open) {}
  ~Departure() {
    --load_;
    --open_;
  }
  Departure(const Departure&) = delete;
  Departure& operator=(const Departure&) = delete;

 private:
  std::atomic<unsigned>& load_;
  std::atomic<unsigned>& open_;
};

}  // namespace

struct Server::Part {
  Part(net::Worker& w, const Settings& settings, Router router)
      : worker(w), context{settings, std::move(router)} {}

  net::Worker& worker;
  SessionContext context;
  boost::intrusive::list<Session, boost::intrusive::base_hook<SessionHook>,
                         boost::intrusive::constant_time_size<false>>
      sessions;
};

Server::Server(asio::io_context& accept_io, net::WorkerPool& workers, const Settings& settings,
               const std::function<Router(std::size_t)>& make_router)
    : workers_(workers), settings_(settings), acceptor_(accept_io, [this](int fd) { take(fd); }) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    parts_.push_back(std::make_unique<Part>(workers[i], settings, make_router(i)));
  }
}

Server::~Server() = default;

Result<> Server::listen() {
  return acceptor_.listen(settings_.host, settings_.port);
}

Result<> Server::listen(net::FileDescriptor socket) {
  return acceptor_.adopt(std::move(socket));
}

void Server::take(int fd) {
  if (open_ >= settings_.max_connections) {
    log::warning("refused a connection: {} are open (setting server.max_connections)",
                 settings_.max_connections);
    return refuse(fd);
  }
  ++open_;
  auto& part = *parts_[workers_.least_loaded()];
  ++part.worker.load();
  asio::post(part.worker.io(), [this, &part, fd] {
    const auto serve = [](Server& self, Part& at, int client) -> awaitable<void> {
      const Departure departure(at.worker.load(), self.open_);
      try {
        Session session(at.context, at.worker, client);
        at.sessions.push_back(session);
        co_await session.run();
      } catch (const std::exception& failure) {
        log::error("a connection was given up: {}", failure.what());
      }
    };
    asio::co_spawn(part.worker.io(), serve(*this, part, fd), asio::detached);
  });
}

void Server::on_each_worker(void (*action)(Part&)) {
  for (auto& part : parts_) {
    asio::post(part->worker.io(), [&part = *part, action] { action(part); });
  }
}

void Server::drain_gently() {
  on_each_worker([](Part& part) { part.context.draining = true; });
}

void Server::drain() {
  on_each_worker([](Part& part) {
    part.context.draining = part.context.hurried = true;
    for (auto& session : part.sessions) session.drain();
  });
}

void Server::abort() {
  on_each_worker([](Part& part) {
    part.context.draining = part.context.hurried = true;
    for (auto& session : part.sessions) session.abort();
  });
}

}  // namespace sluice::server
