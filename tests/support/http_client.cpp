#include "support/http_client.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "support/byte_stream.hpp"
#include "support/http_reader.hpp"
#include "support/tls_context.hpp"

namespace sluice::test {
namespace {

using Clock = std::chrono::steady_clock;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// "HTTP/1.x SP 3DIGIT SP [reason]" (RFC 9112, 4).
bool parse_status_line(std::string_view line, Response& response) {
  const bool well_formed = line.size() >= 13 && line.substr(0, 7) == "HTTP/1." &&
                           is_digit(line[7]) && line[8] == ' ' && line[9] != '0' &&
                           std::all_of(line.begin() + 9, line.begin() + 12, is_digit) &&
                           line[12] == ' ';
  if (!well_formed) return false;
  response.version = line.substr(0, 8);
  response.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  response.reason = line.substr(13);
  return true;
}

bool has_no_body(int status) noexcept {
  return status / 100 == 1 || status == 204 || status == 304;
}

bool announces_close(const Response& response) {
  if (response.framing == Framing::close || response.headers.has_token("Connection", "close")) {
    return true;
  }
  return response.version == "HTTP/1.0" && !response.headers.has_token("Connection", "keep-alive");
}

Framing framing_of(BodyEnd end) noexcept {
  switch (end) {
    case BodyEnd::length: return Framing::length;
    case BodyEnd::chunked: return Framing::chunked;
    case BodyEnd::close: return Framing::close;
    case BodyEnd::none: break;
  }
  return Framing::none;
}

}  // namespace

struct RawConnection::State {
  State(Fd socket, std::chrono::milliseconds limit)
      : timeout(limit), stream(std::move(socket)), reader(stream) {}

  [[nodiscard]] TimePoint deadline() const { return Clock::now() + timeout; }

  void shake_hands(const ClientTls& tls, TimePoint until) {
    context = make_client_context(tls.trusted_ca_pem);
    if (stream.connect_tls(context.get(), tls.server_name, until) == IoStatus::ok) return;
    error = "TLS: " + stream.tls_error();
    stream.close();
  }

  bool read_one_head(Response& response, bool to_head);
  void read_final_head(Response& response, bool to_head);
  void read_body_to_end(Response& response);
  bool step_body(Response& response);
  void conclude(Response& response, const char* where) const;

  std::chrono::milliseconds timeout;
  std::string error;
  SslContextPtr context;
  ByteStream stream;
  HttpReader reader;
  BodyReader body;
};

/// Notes why reading stopped.
void RawConnection::State::conclude(Response& response, const char* where) const {
  response.complete = false;
  response.timed_out = reader.status() == IoStatus::timed_out;
  response.problem = std::string(where) + ": " + reader.problem();
}

/// Reads a head into `response` and prepares for its body. False when the reader failed.
bool RawConnection::State::read_one_head(Response& response, bool to_head) {
  std::string line;
  if (!reader.read_line(line)) return false;
  if (!parse_status_line(line, response)) return reader.fail("bad status line: " + line);
  if (!reader.read_headers(response.headers)) return false;
  std::uint64_t length = 0;
  const auto end = find_framing(reader, response.headers, BodyEnd::close, length);
  if (!end) return false;
  const bool forbidden = response.status / 100 == 1 || response.status == 204;
  if (forbidden && *end != BodyEnd::close) {
    return reader.fail("framing in a response that cannot have a body");
  }
  const bool bodiless = to_head || has_no_body(response.status);
  body = BodyReader(bodiless ? BodyEnd::none : *end, length);
  response.framing = bodiless ? Framing::none : framing_of(*end);
  return true;
}

void RawConnection::State::read_final_head(Response& response, bool to_head) {
  while (true) {
    if (!read_one_head(response, to_head)) {
      response.status = 0;
      return conclude(response, "in the head");
    }
    const bool interim = response.status / 100 == 1 && response.status != 101;
    if (!interim) break;
    response.interim.push_back({response.status, std::exchange(response.headers, {})});
  }
  response.complete = body.done();
}

bool RawConnection::State::step_body(Response& response) {
  if (!body.step(reader, response.body, response.trailers)) {
    conclude(response, "in the body");
    return false;
  }
  response.complete = body.done();
  return true;
}

void RawConnection::State::read_body_to_end(Response& response) {
  while (response.problem.empty() && !body.done() && step_body(response)) {
  }
}

RawConnection::RawConnection(std::uint16_t port, const ClientOptions& options) {
  const TimePoint until = Clock::now() + options.timeout;
  state_ = std::make_unique<State>(
      connect_to_loopback(port, options.ipv6, options.receive_buffer, until), options.timeout);
  if (!state_->stream.is_open()) {
    state_->error = "cannot connect to port " + std::to_string(port);
  } else if (options.tls) {
    state_->shake_hands(*options.tls, until);
  }
}

RawConnection::~RawConnection() = default;
RawConnection::RawConnection(RawConnection&&) noexcept = default;
RawConnection& RawConnection::operator=(RawConnection&&) noexcept = default;

bool RawConnection::connected() const noexcept {
  return state_->stream.is_open();
}

const std::string& RawConnection::error() const noexcept {
  return state_->error;
}

void RawConnection::set_timeout(std::chrono::milliseconds timeout) noexcept {
  state_->timeout = timeout;
}

bool RawConnection::send(std::string_view bytes) {
  return state_->stream.write_all(bytes, state_->deadline()).status == IoStatus::ok;
}

bool RawConnection::send_slowly(std::string_view bytes, std::size_t piece,
                                std::chrono::milliseconds interval) {
  if (piece == 0) throw std::logic_error("send in pieces of no bytes");
  for (std::size_t sent = 0; sent < bytes.size(); sent += piece) {
    const bool gone = sent > 0 && state_->stream.wait_for_peer_close(Clock::now() + interval) !=
                                      IoStatus::timed_out;
    if (gone || !send(bytes.substr(sent, piece))) return false;
  }
  return true;
}

Response RawConnection::read_response(bool to_head) {
  Response response;
  const TimePoint until = state_->deadline();
  state_->reader.begin(until);
  state_->read_final_head(response, to_head);
  state_->read_body_to_end(response);
  const bool wait = response.complete && announces_close(response);
  response.closed_after =
      state_->stream.wait_for_peer_close(wait ? until : Clock::now()) == IoStatus::end;
  return response;
}

Response RawConnection::read_head(bool to_head) {
  Response response;
  state_->reader.begin(state_->deadline());
  state_->read_final_head(response, to_head);
  return response;
}

bool RawConnection::read_body(Response& response, std::size_t bytes) {
  const bool broken = !response.problem.empty() && !response.timed_out;
  if (response.status == 0 || broken) return false;
  const std::size_t wanted = response.body.size() + bytes;
  state_->reader.begin(state_->deadline());
  response.timed_out = false;
  response.problem.clear();
  while (response.body.size() < wanted && !state_->body.done() && state_->step_body(response)) {
  }
  return response.body.size() >= wanted;
}

std::string RawConnection::read_until_close() {
  std::string all;
  state_->reader.begin(state_->deadline());
  while (state_->reader.read_some(all, UINT64_MAX)) {
  }
  return all;
}

bool RawConnection::closed_within(std::chrono::milliseconds limit) {
  const TimePoint until = Clock::now() + limit;
  state_->reader.begin(until);
  // Reading makes room for bytes that stand before the FIN.
  while (state_->reader.fill()) {
  }
  if (state_->reader.status() != IoStatus::timed_out) return true;
  return state_->stream.wait_for_peer_close(Clock::now()) == IoStatus::end;
}

void RawConnection::half_close() {
  state_->stream.shutdown_write();
}
void RawConnection::close() {
  state_->stream.close();
}
void RawConnection::reset() {
  state_->stream.reset(Clock::now() + std::chrono::seconds(1));
}

std::string request_bytes(std::uint16_t port, std::string_view method, std::string_view target,
                          const Headers& headers, std::string_view body) {
  std::string bytes(method);
  bytes.append(" ").append(target).append(" HTTP/1.1\r\n");
  if (!headers.contains("Host")) {
    bytes.append("Host: 127.0.0.1:").append(std::to_string(port)).append("\r\n");
  }
  for (const Header& line : headers) {
    bytes.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  const bool framed = headers.contains("Content-Length") || headers.contains("Transfer-Encoding");
  if (!body.empty() && !framed) {
    bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  return bytes.append("\r\n").append(body);
}

Response request(std::uint16_t port, std::string_view method, std::string_view target,
                 const Headers& headers, std::string_view body, const ClientOptions& options) {
  RawConnection connection(port, options);
  Response response;
  if (!connection.connected()) {
    response.problem = connection.error();
    return response;
  }
  // A server may answer and close before it has taken the whole request: read in any case.
  const bool sent = connection.send(request_bytes(port, method, target, headers, body));
  response = connection.read_response(method == "HEAD");
  if (!sent && !response.complete) response.problem += " (the request was not sent whole)";
  return response;
}

Response get(std::uint16_t port, std::string_view target, const Headers& headers,
             const ClientOptions& options) {
  return request(port, "GET", target, headers, {}, options);
}

}  // namespace sluice::test
