#include "support/origin_connection.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace sluice::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string_view reason_of(int status) noexcept {
  struct Reason {
    int status;
    std::string_view text;
  };
  static constexpr std::array<Reason, 30> kReasons{{
      {100, "Continue"},
      {103, "Early Hints"},
      {200, "OK"},
      {201, "Created"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {416, "Range Not Satisfiable"},
      {429, "Too Many Requests"},
      {451, "Unavailable For Legal Reasons"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
      {509, "Bandwidth Limit Exceeded"},
  }};
  const auto* found = std::find_if(kReasons.begin(), kReasons.end(),
                                   [&](const Reason& reason) { return reason.status == status; });
  return found == kReasons.end() ? std::string_view("Scripted") : found->text;
}

std::string head_bytes(int status, const Headers& headers) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head.append(reason_of(status)).append("\r\n");
  for (const Header& line : headers) {
    head.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  return head.append("\r\n");
}

bool is_bodiless(int status) noexcept {
  return status / 100 == 1 || status == 204 || status == 304;
}

/// HTTP/1.0 closes unless told otherwise (RFC 9112, 9.3).
bool wants_close(const OriginRequest& request) {
  if (request.headers.has_token("Connection", "close")) return true;
  return request.version == "HTTP/1.0" && !request.headers.has_token("Connection", "keep-alive");
}

std::optional<std::uint64_t> single_length(const Headers& headers) {
  const auto lengths = headers.all("Content-Length");
  if (lengths.size() != 1) return std::nullopt;
  std::uint64_t length = 0;
  const char* const end = lengths[0].data() + lengths[0].size();
  const auto [stop, error] = std::from_chars(lengths[0].data(), end, length);
  return error == std::errc() && stop == end ? std::optional(length) : std::nullopt;
}

}  // namespace

std::string_view OriginRequest::path() const noexcept {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view OriginRequest::query() const noexcept {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

bool Connection::write(std::string_view bytes) {
  if (failed_) return false;
  failed_ = stream_.write_all(bytes, kNever).status != IoStatus::ok;
  return !failed_;
}

void Connection::expect_body(int status, const Headers& headers) {
  close_announced_ = headers.has_token("Connection", "close");
  const auto length = single_length(headers);
  if (request_.method == "HEAD" || is_bodiless(status)) {
    body_ = Body::none;
  } else if (headers.has_token("Transfer-Encoding", "chunked")) {
    body_ = Body::chunked;
  } else if (length) {
    body_ = Body::length;
    body_left_ = *length;
  } else {
    body_ = Body::until_close;
  }
}

bool Connection::send_raw(std::string_view bytes) {
  return write(bytes);
}

bool Connection::send(std::string_view bytes) {
  if (body_ == Body::none) return !failed_;
  if (body_ == Body::length) {
    overrun_ = overrun_ || bytes.size() > body_left_;
    body_left_ -= std::min<std::uint64_t>(body_left_, bytes.size());
  }
  return write(bytes);
}

bool Connection::send_head(int status, const Headers& headers) {
  if (status / 100 != 1) expect_body(status, headers);
  return write(head_bytes(status, headers));
}

bool Connection::send_response(int status, const Headers& headers, std::string_view body) {
  Headers complete = headers;
  if (!is_bodiless(status) && !complete.contains("Content-Length")) {
    complete.add("Content-Length", std::to_string(body.size()));
  }
  if (wants_close(request_) && !complete.contains("Connection")) {
    complete.add("Connection", "close");
  }
  expect_body(status, complete);
  std::string bytes = head_bytes(status, complete);
  if (body_ == Body::none) return write(bytes);
  // One write, so that a small answer is one segment.
  bytes.append(body);
  if (body_ == Body::length) {
    overrun_ = body.size() > body_left_;
    body_left_ -= std::min<std::uint64_t>(body_left_, body.size());
  }
  return write(bytes);
}

bool Connection::send_chunk(std::string_view bytes) {
  if (body_ == Body::none || bytes.empty()) return !failed_;
  std::array<char, 16> size{};
  const auto [end, error] = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16);
  if (error != std::errc()) throw std::logic_error("a chunk size of more than 16 digits");
  std::string chunk(size.data(), end);
  chunk.append("\r\n").append(bytes).append("\r\n");
  return write(chunk);
}

bool Connection::end_chunks(const Headers& trailers) {
  if (body_ == Body::none) return !failed_;
  std::string last = "0\r\n";
  for (const Header& line : trailers) {
    last.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  last_chunk_sent_ = write(last.append("\r\n"));
  return last_chunk_sent_;
}

bool Connection::pause(std::chrono::milliseconds length) {
  return stream_.wait_for_peer_close(Clock::now() + length) == IoStatus::timed_out;
}

bool Connection::drip(std::string_view bytes, std::size_t piece,
                      std::chrono::milliseconds interval) {
  if (piece == 0) throw std::logic_error("drip in pieces of no bytes");
  for (std::size_t sent = 0; sent < bytes.size(); sent += piece) {
    if (sent > 0 && !pause(interval)) return false;
    if (!send(bytes.substr(sent, piece))) return false;
  }
  return !failed_;
}

void Connection::reset() {
  stream_.reset(Clock::now() + std::chrono::seconds(1));
}
void Connection::close() {
  stream_.close();
}
void Connection::close_abruptly() {
  stream_.close(false);
}

void Connection::half_close() {
  half_closed_ = true;
  stream_.shutdown_write();
}

bool Connection::wait_for_peer_close(std::chrono::milliseconds timeout) {
  return stream_.wait_for_peer_close(Clock::now() + timeout) == IoStatus::end;
}

void Connection::close_later(std::chrono::milliseconds delay) noexcept {
  close_delay_ = delay;
}

std::optional<std::chrono::milliseconds> Connection::close_delay() const noexcept {
  return close_delay_;
}

bool Connection::stays_open() const noexcept {
  if (failed_ || half_closed_ || close_delay_ || !stream_.is_open()) return false;
  if (after_ == After::keep) return true;
  if (close_announced_ || wants_close(request_)) return false;
  switch (body_) {
    case Body::none: return true;
    case Body::length: return body_left_ == 0 && !overrun_;
    case Body::chunked: return last_chunk_sent_;
    case Body::not_begun:
    case Body::until_close: break;
  }
  return false;
}

}  // namespace sluice::test
