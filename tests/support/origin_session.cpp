#include "support/origin_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

namespace sluice::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBodyLimit = std::size_t{64} * 1024 * 1024;
constexpr std::chrono::seconds kHandshakeLimit{10};

/// "METHOD SP target SP HTTP/1.x" (RFC 9112, 3), one space each.
bool parse_request_line(std::string_view line, OriginRequest& request) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const auto is_graphic = [](char c) { return c > 0x20 && c < 0x7F; };
  if (target.empty() || !std::all_of(target.begin(), target.end(), is_graphic)) return false;
  request.method = line.substr(0, first);
  request.target = target;
  request.version = line.substr(last + 1);
  return is_token(request.method) &&
         (request.version == "HTTP/1.1" || request.version == "HTTP/1.0");
}

}  // namespace

void OriginScript::on(std::string path, OriginHandler handler) {
  const std::lock_guard lock(mutex_);
  exact_[std::move(path)] = std::make_shared<const OriginHandler>(std::move(handler));
}

void OriginScript::on_prefix(std::string prefix, OriginHandler handler) {
  const std::lock_guard lock(mutex_);
  prefixes_[std::move(prefix)] = std::make_shared<const OriginHandler>(std::move(handler));
}

std::shared_ptr<const OriginHandler> OriginScript::find(const OriginRequest& request) const {
  const std::lock_guard lock(mutex_);
  for (const std::string_view key : {std::string_view(request.target), request.path()}) {
    const auto exact = exact_.find(key);
    if (exact != exact_.end()) return exact->second;
  }
  std::shared_ptr<const OriginHandler> best;
  // In order, a longer prefix of one text comes after a shorter.
  for (const auto& [prefix, handler] : prefixes_) {
    if (request.path().substr(0, prefix.size()) == prefix) best = handler;
  }
  return best;
}

OriginSession::OriginSession(Fd socket, std::size_t index, const StopSignal& stop,
                             const OriginScript& script, OriginJournal& journal)
    : stop_(stop),
      script_(script),
      journal_(journal),
      index_(index),
      stream_(std::move(socket), &stop),
      reader_(stream_) {
  stream_.on_peer_close([this] {
    journal_.update(index_, [](ConnectionRecord& r) { r.closed_by_peer = Clock::now(); });
  });
  stream_.on_written([this](std::size_t bytes) {
    journal_.update(index_, [bytes](ConnectionRecord& r) { r.bytes_sent += bytes; });
  });
  stream_.on_close([this] {
    journal_.update(index_, [](ConnectionRecord& r) { r.closed_by_origin = Clock::now(); });
  });
}

void OriginSession::run(SSL_CTX* tls) {
  if (tls == nullptr || shake_hands(tls)) serve();
  stream_.close();
}

bool OriginSession::shake_hands(SSL_CTX* tls) {
  const bool done = stream_.accept_tls(tls, Clock::now() + kHandshakeLimit) == IoStatus::ok;
  const char* const name =
      done ? SSL_get_servername(stream_.ssl(), TLSEXT_NAMETYPE_host_name) : nullptr;
  journal_.update(index_, [&](ConnectionRecord& record) {
    record.tls_error = stream_.tls_error();
    record.tls_server_name = name != nullptr ? name : "";
    record.tls_session_reused = done && SSL_session_reused(stream_.ssl()) == 1;
  });
  return done;
}

void OriginSession::serve() {
  while (true) {
    reader_.begin(kNever);
    if (!reader_.wait_for_byte()) return;
    OriginRequest request;
    if (!read_request(request)) return refuse();
    request.connection = index_;
    request.received = Clock::now();
    journal_.received(request);
    if (drop_next_ || !answer(request)) return;
  }
}

bool OriginSession::read_request(OriginRequest& request) {
  return read_head(request) && read_body(request);
}

bool OriginSession::read_head(OriginRequest& request) {
  std::string line;
  if (!reader_.read_line(line)) return false;
  if (!parse_request_line(line, request)) return reader_.fail("bad request line: " + line);
  if (!reader_.read_headers(request.headers)) return false;
  const std::size_t hosts = request.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && request.version == "HTTP/1.1")) {
    return reader_.fail(std::to_string(hosts) + " Host headers");
  }
  return true;
}

bool OriginSession::read_body(OriginRequest& request) {
  std::uint64_t length = 0;
  const auto end = find_framing(reader_, request.headers, BodyEnd::none, length);
  if (!end) return false;
  BodyReader body(*end, length);
  if (!body.done() && request.headers.has_token("Expect", "100-continue") &&
      stream_.write_all("HTTP/1.1 100 Continue\r\n\r\n", kNever).status != IoStatus::ok) {
    return reader_.fail("the connection broke");
  }
  Headers trailers;
  while (!body.done()) {
    if (!body.step(reader_, request.body, trailers)) return false;
    if (request.body.size() > kBodyLimit) return reader_.fail("a body of more than 64 MiB");
  }
  return true;
}

/// Called after a request could not be read: answers what was malformed.
void OriginSession::refuse() {
  if (reader_.status() == IoStatus::stopped) return;
  journal_.trouble(index_, "in a request: " + reader_.problem());
  if (reader_.status() != IoStatus::ok) return;
  const IoResult sent = stream_.write_all(
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", kNever);
  if (sent.status != IoStatus::ok) return;
  // Closing with unread bytes would reset the connection and could lose the answer.
  stream_.shutdown_write();
  drain(Clock::now() + std::chrono::seconds(1));
}

void OriginSession::drain(TimePoint deadline) {
  std::array<char, 4096> ignored;
  while (Clock::now() < deadline &&
         stream_.read_some(ignored.data(), ignored.size(), deadline).status == IoStatus::ok) {
  }
}

/// Whether the connection is good for another request.
bool OriginSession::answer(const OriginRequest& request) {
  Connection connection(stream_, request, stop_);
  try {
    call_handler(request, connection);
  } catch (const std::exception& error) {
    journal_.trouble(index_, std::string("exception from a handler: ") + error.what());
    return false;
  } catch (...) {
    journal_.trouble(index_, "exception from a handler");
    return false;
  }
  if (connection.half_closed()) drain(kNever);
  if (const auto delay = connection.close_delay()) connection.pause(*delay);
  drop_next_ = connection.drops_next_request();
  return connection.stays_open();
}

void OriginSession::call_handler(const OriginRequest& request, Connection& connection) {
  const auto handler = script_.find(request);
  if (handler) return (*handler)(request, connection);
  connection.send_response(404, {{"Content-Type", "text/plain"}}, "no such path here\n");
}

}  // namespace sluice::test
