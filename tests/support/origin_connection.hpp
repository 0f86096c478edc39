#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "support/byte_stream.hpp"
#include "support/http_headers.hpp"

namespace sluice::test {

/// One request as the origin received it.
struct OriginRequest {
  std::string method;
  std::string target;   ///< exactly as on the request line
  std::string version;  ///< "HTTP/1.1" or "HTTP/1.0"
  Headers headers;
  std::string body;            ///< decoded when it came in chunks
  std::size_t connection = 0;  ///< index of its connection, 0 = the first accepted
  TimePoint received{};        ///< when its last byte had been read

  /// The target up to its '?'.
  [[nodiscard]] std::string_view path() const noexcept;
  /// The target after its '?'; empty without one.
  [[nodiscard]] std::string_view query() const noexcept;
};

/// What a handler may do with the connection its request came on.
///
/// The functions that return bool return false when the peer is gone or the origin is being
/// destroyed: a handler that loops has to stop then. After the handler returns, the connection is
/// kept for further requests when the answer was complete (Content-Length bytes or last chunk sent)
/// and neither side asked to close; otherwise it is closed, which is how a body is cut.
class Connection {
 public:
  /// Made by the origin for each request.
  Connection(ByteStream& stream, const OriginRequest& request, const StopSignal& stop)
      : stream_(stream), request_(request), stop_(stop) {}

  /// Sends body bytes (or, before any head, whatever bytes the test wants). In answer to HEAD,
  /// bytes after the head are not sent.
  bool send(std::string_view bytes);
  /// Sends these bytes in any case, also after the head of an answer to HEAD.
  bool send_raw(std::string_view bytes);
  /// Sends a status line and exactly these headers. 1xx may be followed by another head.
  bool send_head(int status, const Headers& headers = {});
  /// Sends a whole answer; adds Content-Length unless the headers have it (not to 1xx, 204, 304),
  /// and Connection: close when the client asked for that. To HEAD: the same head without body.
  bool send_response(int status, const Headers& headers, std::string_view body);
  /// Sends one chunk; empty chunks are not sent, since they would end the body.
  bool send_chunk(std::string_view bytes);
  /// Sends the last chunk, with these trailers.
  bool end_chunks(const Headers& trailers = {});
  /// Waits; cut short, returning false, when the peer closes or the origin is being destroyed.
  bool pause(std::chrono::milliseconds length);
  /// Sends `bytes` in pieces of `piece` bytes (>= 1) with `interval` between them.
  bool drip(std::string_view bytes, std::size_t piece, std::chrono::milliseconds interval);

  /// Closes with RST, once what was sent before has reached the peer's kernel (at most 1 s).
  void reset();
  /// Closes with FIN; under TLS with close_notify.
  void close();
  /// Closes with FIN; under TLS without close_notify.
  void close_abruptly();
  /// Ends the origin's direction (FIN) and keeps reading; no further request is answered.
  void half_close();
  /// Waits until the peer closed; false when it did not in time.
  bool wait_for_peer_close(std::chrono::milliseconds timeout);

  /// Keeps the connection for further requests although the answer was not complete, too long, or
  /// sent by hand.
  void keep_open() noexcept { after_ = After::keep; }
  /// Closes, unannounced, this long after the handler returned; a request coming meanwhile is not
  /// read.
  void close_later(std::chrono::milliseconds delay) noexcept;
  /// Stays open, reads and records the next request, and closes without answering it: the race of
  /// a pooled connection that goes stale while a request is under way.
  void drop_next_request() noexcept { drop_next_ = true; }

  [[nodiscard]] bool peer_closed() const noexcept { return stream_.peer_closed(); }
  /// Whether the origin is being destroyed.
  [[nodiscard]] bool stopping() const noexcept { return stop_.raised(); }

  /// For the origin: what to do with the connection now that the handler has returned.
  [[nodiscard]] bool stays_open() const noexcept;
  [[nodiscard]] std::optional<std::chrono::milliseconds> close_delay() const noexcept;
  [[nodiscard]] bool drops_next_request() const noexcept { return drop_next_; }
  [[nodiscard]] bool half_closed() const noexcept { return half_closed_; }

 private:
  enum class After : std::uint8_t { by_answer, keep };
  enum class Body : std::uint8_t { not_begun, length, chunked, until_close, none };

  bool write(std::string_view bytes);
  bool swallows_body() const noexcept { return body_ == Body::none; }
  void expect_body(int status, const Headers& headers);

  ByteStream& stream_;
  const OriginRequest& request_;
  const StopSignal& stop_;
  After after_ = After::by_answer;
  Body body_ = Body::not_begun;
  std::uint64_t body_left_ = 0;
  bool overrun_ = false;
  bool last_chunk_sent_ = false;
  bool close_announced_ = false;
  bool failed_ = false;
  bool half_closed_ = false;
  bool drop_next_ = false;
  std::optional<std::chrono::milliseconds> close_delay_;
};

/// Answers a request. Runs on the connection's thread: handlers of different connections run at the
/// same time, so state they share needs a lock or atomics. What a handler throws closes the
/// connection and is listed in ScriptedOrigin::problems().
using OriginHandler = std::function<void(const OriginRequest&, Connection&)>;

}  // namespace sluice::test
