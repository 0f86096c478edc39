#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_headers.hpp"

namespace sluice::test {

/// How the length of a response's body was told (RFC 9112, 6.3).
enum class Framing : std::uint8_t {
  none,     ///< no body possible: HEAD, 1xx, 204, 304
  length,   ///< Content-Length
  chunked,  ///< Transfer-Encoding: chunked
  close,    ///< until the connection closes
};

/// A 1xx response that came before the final one.
struct InterimResponse {
  int status = 0;
  Headers headers;
};

/// One response as it arrived.
struct Response {
  int status = 0;       ///< 0 when no complete, well-formed head arrived
  std::string version;  ///< "HTTP/1.1"
  std::string reason;
  Headers headers;
  Headers trailers;                      ///< after the last chunk
  std::vector<InterimResponse> interim;  ///< 1xx responses before this one
  std::string body;                      ///< decoded; what arrived of it when cut
  Framing framing = Framing::none;
  bool complete = false;      ///< head and body arrived whole and well-formed
  bool timed_out = false;     ///< the client gave up waiting
  bool closed_after = false;  ///< see RawConnection::read_response
  std::string problem;        ///< what went wrong, for the test's output; empty when complete
};

/// What a client does about TLS.
struct ClientTls {
  std::string server_name = "localhost";  ///< sent as SNI and checked against the certificate
  std::string trusted_ca_pem;             ///< the only CA believed; empty = believe any certificate
};

/// How a RawConnection is made.
struct ClientOptions {
  std::chrono::milliseconds timeout{10000};  ///< limit of each call, connecting included
  bool ipv6 = false;                         ///< [::1] instead of 127.0.0.1
  int receive_buffer = 0;                    ///< bytes for SO_RCVBUF; 0 = the system's default
  std::optional<ClientTls> tls;              ///< plain when empty
};

/// One connection to a server on a loopback port, sending exactly the bytes it is told to and
/// reading responses strictly. Every call ends within the time-out. For one thread at a time.
class RawConnection {
 public:
  /// Connects (and shakes hands under TLS). Check `connected()`; nothing is thrown for a refusal.
  explicit RawConnection(std::uint16_t port, const ClientOptions& options = {});
  ~RawConnection();
  RawConnection(RawConnection&&) noexcept;
  RawConnection& operator=(RawConnection&&) noexcept;

  [[nodiscard]] bool connected() const noexcept;
  /// Why it is not connected, or why the TLS handshake failed; empty when all is well.
  [[nodiscard]] const std::string& error() const noexcept;

  /// Limit of the calls that follow.
  void set_timeout(std::chrono::milliseconds timeout) noexcept;

  /// Sends these bytes, as they are. False when the peer is gone or does not take them in time.
  bool send(std::string_view bytes);
  /// Sends in pieces of `piece` bytes (>= 1) with `interval` between them; the time-out holds for
  /// each piece. False as above; a server that closes meanwhile ends it early.
  bool send_slowly(std::string_view bytes, std::size_t piece, std::chrono::milliseconds interval);

  /// Reads the next response whole. Bytes of a following response stay for the next call.
  ///
  /// @param to_head  the request was HEAD: no body follows, whatever the head says.
  /// `closed_after`: when the response announces it (Connection: close, HTTP/1.0, no length) waits
  /// for the close and tells whether it came; otherwise tells whether the server has closed
  /// already.
  [[nodiscard]] Response read_response(bool to_head = false);

  /// Reads only the head; the body is then taken by `read_body`. `complete` is true already when
  /// there is no body to wait for.
  [[nodiscard]] Response read_head(bool to_head = false);
  /// Reads on in the body of `response`, which `read_head` returned, until at least `bytes` more
  /// decoded bytes were appended to it or it is complete, cut or timed out. May append more than
  /// asked. True when it appended that many.
  bool read_body(Response& response, std::size_t bytes);

  /// Everything that still arrives until the server closes or the time-out.
  [[nodiscard]] std::string read_until_close();
  /// Whether the server closes (FIN or RST) within this time. Bytes arriving meanwhile are kept.
  [[nodiscard]] bool closed_within(std::chrono::milliseconds limit);

  void half_close();  ///< ends the sending direction (FIN) and still reads
  void close();       ///< closes both directions
  void reset();       ///< closes with RST

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Opens a connection, sends one request, reads its response and closes. Adds `Host` unless given,
/// and `Content-Length` when there is a body and `headers` have no framing of their own. A failed
/// connection gives status 0 and `problem`.
[[nodiscard]] Response request(std::uint16_t port, std::string_view method, std::string_view target,
                               const Headers& headers = {}, std::string_view body = {},
                               const ClientOptions& options = {});

/// `request` with GET and no body.
[[nodiscard]] Response get(std::uint16_t port, std::string_view target, const Headers& headers = {},
                           const ClientOptions& options = {});

/// The bytes of a request as `request` sends them, for tests that write them themselves.
[[nodiscard]] std::string request_bytes(std::uint16_t port, std::string_view method,
                                        std::string_view target, const Headers& headers = {},
                                        std::string_view body = {});

}  // namespace sluice::test
