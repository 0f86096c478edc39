#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "support/socket.hpp"

namespace sluice::test {

/// How a read or write ended.
enum class IoStatus : std::uint8_t {
  ok,         ///< bytes were moved
  end,        ///< the peer ended its stream properly (FIN, under TLS after close_notify)
  broken,     ///< reset, refused, or a TLS failure; under TLS also FIN without close_notify
  timed_out,  ///< the deadline passed
  stopped,    ///< the stop signal was raised
};

/// Outcome of a read or write.
struct IoResult {
  IoStatus status = IoStatus::broken;
  std::size_t bytes = 0;  ///< moved before it ended so
};

struct SslDeleter {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;
using SslContextPtr = std::unique_ptr<SSL_CTX, SslDeleter>;

/// A connected TCP socket, plain or TLS, whose every operation ends at a deadline or when the stop
/// signal is raised. Never raises SIGPIPE. For one thread at a time.
class ByteStream {
 public:
  /// `stop`, when given, must outlive the stream.
  explicit ByteStream(Fd socket, const StopSignal* stop = nullptr)
      : socket_(std::move(socket)), stop_(stop) {}
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  ~ByteStream() { close(false); }

  /// Called once, when it is first seen that the peer closed or reset its side.
  void on_peer_close(std::function<void()> callback) { peer_close_callback_ = std::move(callback); }
  /// Called after each write with the number of bytes the kernel (under TLS: OpenSSL) took.
  void on_written(std::function<void(std::size_t)> callback) {
    written_callback_ = std::move(callback);
  }
  /// Called once, when this side has closed the socket.
  void on_close(std::function<void()> callback) { close_callback_ = std::move(callback); }

  /// TLS handshake as server. On failure `tls_error()` says why.
  [[nodiscard]] IoStatus accept_tls(SSL_CTX* context, TimePoint deadline);
  /// TLS handshake as client. `server_name` is sent as SNI and, when the context verifies, checked
  /// against the certificate; an address literal is checked but not sent. `session`, when given,
  /// is offered for resumption.
  [[nodiscard]] IoStatus connect_tls(SSL_CTX* context, const std::string& server_name,
                                     TimePoint deadline, SSL_SESSION* session = nullptr);

  /// Reads what is there, at least one byte and at most `size`.
  [[nodiscard]] IoResult read_some(char* data, std::size_t size, TimePoint deadline);
  /// Writes all of `bytes`; on failure says how many were written before.
  [[nodiscard]] IoResult write_all(std::string_view bytes, TimePoint deadline);

  /// Waits without reading: `end` when the peer has closed, else `timed_out` or `stopped`.
  [[nodiscard]] IoStatus wait_for_peer_close(TimePoint deadline);
  [[nodiscard]] bool peer_closed() const noexcept { return peer_closed_; }

  /// Ends the outgoing direction: close_notify under TLS, then FIN.
  void shutdown_write();
  /// Closes with FIN (RST when received bytes are unread); with `notify`, close_notify before it.
  void close(bool notify = true);
  /// Waits, at most until `deadline`, until the peer's kernel has all bytes written so far, then
  /// closes with RST.
  void reset(TimePoint deadline);

  [[nodiscard]] bool is_open() const noexcept { return static_cast<bool>(socket_); }
  [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }
  [[nodiscard]] const std::string& tls_error() const noexcept { return tls_error_; }

 private:
  IoStatus wait(short events, TimePoint deadline);
  IoStatus wait_for_ssl(int ssl_result, TimePoint deadline);
  void begin_tls(SSL_CTX* context);
  IoStatus handshake(TimePoint deadline);
  IoResult read_plain(char* data, std::size_t size, TimePoint deadline);
  IoResult read_tls(char* data, std::size_t size, TimePoint deadline);
  IoResult write_plain(std::string_view bytes, TimePoint deadline);
  IoResult write_tls(std::string_view bytes, TimePoint deadline);
  void send_close_notify();
  void close_socket();
  void note_peer_closed();

  Fd socket_;
  const StopSignal* stop_;
  SslPtr ssl_;
  std::string tls_error_;
  std::function<void()> peer_close_callback_;
  std::function<void()> close_callback_;
  std::function<void(std::size_t)> written_callback_;
  bool peer_closed_ = false;
  bool write_ended_ = false;
  bool ssl_usable_ = false;
};

}  // namespace sluice::test
