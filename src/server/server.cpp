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
void refuse(int fd, const RequestId& id) {
  static const auto body = error_body("Too many connections; try again");
  const auto text = fmt::format(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
      "Cache-Control: no-store\r\nAccess-Control-Allow-Origin: *\r\n"
      "X-Content-Type-Options: nosniff\r\nX-Request-Id: {}\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      id.text(), body.size(), body);
  [[maybe_unused]] const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
  ::close(fd);
}

/// Takes a connection off the counts, however it ends.
class Departure {
 public:
  Departure(net::Worker& worker, std::atomic<unsigned>& open) : worker_(worker), open_(open) {}
  ~Departure() {
    worker_.metrics().add(Count::connections_ended);
    --worker_.load();
    --open_;
  }
  Departure(const Departure&) = delete;
  Departure& operator=(const Departure&) = delete;

 private:
  net::Worker& worker_;
  std::atomic<unsigned>& open_;
};

}  // namespace

struct Server::Part {
  Part(net::Worker& w, std::size_t n, ServingPtr serving)
      : worker(w), number(n), context{std::move(serving)} {}

  net::Worker& worker;
  const std::size_t number;
  SessionContext context;
  boost::intrusive::list<Session, boost::intrusive::base_hook<SessionHook>,
                         boost::intrusive::constant_time_size<false>>
      sessions;
};

Server::Server(asio::io_context& accept_io, net::WorkerPool& workers, unsigned max_connections,
               const MakeServing& make)
    : workers_(workers),
      max_connections_(max_connections),
      acceptor_(accept_io, [this](int fd) { take(fd); }) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    parts_.push_back(std::make_unique<Part>(workers[i], i, make(i)));
  }
}

Server::~Server() = default;

Result<> Server::listen(const std::string& host, std::uint16_t port) {
  return acceptor_.listen(host, port);
}

void Server::replace(unsigned max_connections, MakeServing make) {
  max_connections_ = max_connections;
  on_each_worker([make = std::move(make)](Part& part) {
    // The old one may end with this, and takes connections with it.
    part.context.serving = make(part.number);
  });
}

Result<> Server::listen(net::FileDescriptor socket) {
  return acceptor_.adopt(std::move(socket));
}

void Server::take(int fd) {
  if (open_ >= max_connections_) {
    log::warning("refused a connection: {} are open (setting server.max_connections)",
                 max_connections_.load());
    workers_[0].metrics().add(Count::connections_refused);
    return refuse(fd, refused_ids_.next());
  }
  ++open_;
  auto& part = *parts_[workers_.least_loaded()];
  part.worker.metrics().add(Count::connections_accepted);
  ++part.worker.load();
  asio::post(part.worker.io(), [this, &part, fd] {
    const auto serve = [](Server& self, Part& at, int client) -> awaitable<void> {
      const Departure departure(at.worker, self.open_);
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

void Server::on_each_worker(const std::function<void(Part&)>& action) {
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
