#pragma once

#include <openssl/types.h>
#include <sys/uio.h>

#include <memory>
#include <optional>

#include "sluice/core/clock.hpp"
#include "sluice/core/error.hpp"
#include "sluice/net/asio.hpp"
#include "sluice/net/buffer_pool.hpp"
#include "sluice/net/cancel.hpp"
#include "sluice/net/reactor.hpp"
#include "sluice/net/splice_pipe.hpp"
#include "sluice/net/ticker.hpp"

namespace sluice::net {

class TlsContext;
class Worker;

template <class T>
using IoResult = boost::system::result<T>;

/// A connected TCP socket, plain or under TLS, with non-blocking tries and waits under a deadline.
///
/// Waits end in asio::error::timed_out when their deadline passes, in the reason given to cancel()
/// when cancelled, and otherwise in the operating system's error. One wait at a time. One thread:
/// the worker's.
class Stream final : public Cancellable, private Ticker::Listener {
 public:
  /// Takes the descriptor of a socket.
  Stream(Worker& worker, int fd);

  /// Connects the socket. The system's error, or as a wait ends.
  [[nodiscard]] awaitable<error_code> connect(const tcp::endpoint& peer, Deadline deadline);

  /// Bytes read; 0 at the end of the stream; nullopt when none are there yet. A TLS peer that
  /// closes without close_notify is asio::error::connection_reset.
  [[nodiscard]] IoResult<std::optional<std::size_t>> try_read(Bytes into);
  /// Bytes taken, at least one; nullopt when none can be taken now.
  [[nodiscard]] IoResult<std::optional<std::size_t>> try_write(std::span<const iovec> buffers);

  /// Bytes can go between this socket and a pipe: not under TLS.
  [[nodiscard]] bool can_splice() const noexcept { return ssl_ == nullptr; }
  /// As try_read(), but at most `max` bytes move into `pipe`, which is empty.
  /// operation_not_supported where the system cannot do that.
  [[nodiscard]] IoResult<std::optional<std::size_t>> try_splice_in(SplicePipe& pipe,
                                                                   std::size_t max);
  /// As try_write(), but what `pipe` holds moves out.
  [[nodiscard]] IoResult<std::optional<std::size_t>> try_splice_out(SplicePipe& pipe);

  /// Until a try that found nothing may find something.
  [[nodiscard]] awaitable<error_code> wait_readable(Deadline deadline);
  [[nodiscard]] awaitable<error_code> wait_writable(Deadline deadline);
  /// As wait_writable(), as long as the peer takes a byte within each `patience`: a slow one may
  /// take much before there is room for more.
  [[nodiscard]] awaitable<error_code> wait_for_room(Clock::duration patience);

  /// As wait_readable(), when at least `rest` more bytes are to come. A peer as fast as 32
  /// MB/s is left alone until it has sent what it sends in about 4 ms: each wake-up costs more than
  /// moving 64 KiB, and takes the processor from whoever is sending. Should it stop short of that,
  /// what it sent is noticed after a tick of the worker's.
  [[nodiscard]] awaitable<error_code> wait_for_batch(std::uint64_t rest, Deadline deadline);
  /// Before anything else is waited for.
  void end_batches();
  /// The kernel holds about 128 KiB of what the peer sends, or (false) again as much as it finds
  /// right, which may be megabytes once the peer was fast.
  void hold_little(bool little);

  /// What a sender found out about the peer, for the next one: it takes bytes as they come.
  [[nodiscard]] bool takes_fast() const noexcept { return takes_fast_; }
  void set_takes_fast(bool fast) noexcept { takes_fast_ = fast; }

  /// Waits when needed; at least one byte, or 0 at the end of the stream.
  [[nodiscard]] awaitable<IoResult<std::size_t>> read_some(Bytes into, Deadline deadline);
  /// Writes everything. `patience` is how long the peer may take no byte at all. Overwrites the
  /// elements of `buffers`, not what they point to.
  [[nodiscard]] awaitable<error_code> write_all(std::span<iovec> buffers, Clock::duration patience);

  /// Client side of a TLS handshake with `host` (name or address, also checked against the
  /// certificate when the context verifies). A second one runs inside the TLS of the first, which
  /// then is that of an outgoing proxy. tls_timeout, certificate_refused or tls_failed (origin
  /// upstream); cancel_error() when cancelled.
  [[nodiscard]] awaitable<Result<>> handshake(TlsContext& context, std::string_view host,
                                              std::uint16_t port, Deadline deadline);

  /// For an idle connection: still open, and the peer has sent nothing.
  [[nodiscard]] bool is_quiet();
  /// What poll(2) knows about the peer, without reading.
  enum class Peer : std::uint8_t { open, half_closed, gone };
  [[nodiscard]] Peer peer() const;
  /// Likewise: bytes, or the end, wait to be read.
  [[nodiscard]] bool has_input() const;

  void cancel(error_code why) override;
  /// Nobody waits any more who was told to give up: the stream is as good as before.
  void forget_cancel() noexcept { cancelled_ = {}; }
  /// Sends FIN (after close_notify under TLS) and keeps reading possible.
  void shutdown_send();
  /// Makes the close a reset, so that the peer cannot take what it got for complete.
  void reset_on_close();

  /// Addresses of both ends; 0.0.0.0:0 when the system does not know any more.
  [[nodiscard]] tcp::endpoint remote() const;
  [[nodiscard]] tcp::endpoint local() const;
  /// A wait under a deadline is under way.
  [[nodiscard]] bool waiting() const noexcept { return is_linked(); }
  [[nodiscard]] int fd() const noexcept { return socket_.fd(); }
  [[nodiscard]] Worker& worker() noexcept { return worker_; }

 private:
  void on_tick(TimePoint now) override;
  [[nodiscard]] awaitable<error_code> wait(Socket::Way way, Deadline deadline);
  void expect_batch(int bytes);
  [[nodiscard]] IoResult<std::optional<std::size_t>> tls_read(Bytes into);
  [[nodiscard]] IoResult<std::optional<std::size_t>> tls_outcome(int returned);
  [[nodiscard]] std::optional<std::size_t> nothing(Socket::Way way) noexcept;

  Worker& worker_;
  Socket socket_;
  struct SslFree {
    void operator()(SSL* ssl) const noexcept;
  };
  /// TLS with the outgoing proxy that ssl_ runs inside of; before it, so that it is freed later.
  std::unique_ptr<SSL, SslFree> outer_ssl_;
  std::unique_ptr<SSL, SslFree> ssl_;
  int batch_ = 1;  ///< SO_RCVLOWAT
  static constexpr std::uint64_t kLargestBatch = 1024 * 1024;
  std::uint64_t largest_batch_ = kLargestBatch;
  bool holds_little_ = false;
  bool takes_fast_ = false;
  std::uint64_t received_ = 0;  ///< since waited_at_
  TimePoint waited_at_;         ///< when the last wait for a batch began
  TimePoint deadline_ = TimePoint::max();
  error_code cancelled_;
  bool timed_out_ = false;
  /// What TLS needs before the operation that found nothing is tried again.
  std::optional<Socket::Way> tls_wants_;
};

/// Name of an I/O failure for contexts in logs.
[[nodiscard]] std::string describe(error_code error);

}  // namespace sluice::net
