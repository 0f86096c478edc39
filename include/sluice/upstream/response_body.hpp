#pragma once

#include <limits>
#include <memory>
#include <string>

#include "sluice/http/body_decoder.hpp"
#include "sluice/net/cancel.hpp"
#include "sluice/net/stream.hpp"
#include "sluice/upstream/host_limiter.hpp"

namespace sluice::upstream {

class ConnectionPool;

/// The body of one response, read piece by piece as it arrives. Owns the connection: as soon
/// as the body is read to its end the connection goes back to the pool, otherwise it is closed.
class ResponseBody {
 public:
  struct Source {
    std::unique_ptr<net::Stream> stream;
    std::string pool_key;
    ConnectionPool* pool = nullptr;  ///< null: not to be reused
    net::CancelSignal* cancel = nullptr;
    Clock::duration idle_timeout{};
    HostLimiter::Permit permit;  ///< given back when the body is read or dropped
  };

  ResponseBody() = default;
  /// `buffer` holds `size` bytes of body, from `begin` on, that came with the head.
  ResponseBody(Source source, http::BodyFraming framing, net::BufferPool::Buffer buffer,
               std::size_t begin, std::size_t size);
  ResponseBody(ResponseBody&&) noexcept = default;
  ResponseBody& operator=(ResponseBody&&) noexcept = default;

  /// The next piece, without its framing; empty at the body's end. Valid, and writable, until the
  /// next call. body_cut, bad_response, idle_timeout (origin upstream), or cancel_error().
  [[nodiscard]] awaitable<Result<net::Bytes>> next();

  /// Bytes are here that next() can take without waiting.
  [[nodiscard]] bool has_buffered() const noexcept { return begin_ < end_; }
  [[nodiscard]] bool finished() const noexcept { return decoder_.finished(); }

  /// The rest may go from the socket into a pipe: plain, of known length, nothing buffered.
  [[nodiscard]] bool can_splice() const noexcept;
  /// Moves what is there, at most `max` bytes, into the empty `pipe`; false when nothing is there
  /// yet. Errors of next(), and splice_refused where the system cannot do that (then use next()).
  [[nodiscard]] Result<bool> try_splice(net::SplicePipe& pipe, std::size_t max);
  /// Until a try that found nothing may find something; with `in_batches` by
  /// net::Stream::wait_for_batch(). Errors of next().
  [[nodiscard]] awaitable<Result<>> wait(bool in_batches);

  /// Its client is slow: little of the body is to wait in the kernel.
  void hold_little(bool little) {
    if (source_.stream) source_.stream->hold_little(little);
  }

  /// From now on more than `max_bytes` of payload are bad_response.
  void expect_at_most(std::uint64_t max_bytes) noexcept { allowed_ = max_bytes; }

  /// Reads what is left, if that is at most `max_bytes` and comes within `patience` (at once, when
  /// the exchange was cancelled), so that the connection can be used again; closes it otherwise.
  [[nodiscard]] awaitable<void> drain(std::uint64_t max_bytes, Clock::duration patience);

 private:
  [[nodiscard]] awaitable<Result<net::Bytes>> next_before(Deadline deadline);
  [[nodiscard]] awaitable<Result<>> fill(Deadline deadline);
  void release();
  void release_connection();
  void close();

  Source source_;
  std::unique_ptr<net::CancelScope> cancel_scope_;
  http::BodyDecoder decoder_;
  std::uint64_t allowed_ = std::numeric_limits<std::uint64_t>::max();
  net::BufferPool::Buffer buffer_;
  std::size_t begin_ = 0;  ///< undecoded bytes of buffer_: [begin_, end_)
  std::size_t end_ = 0;
};

}  // namespace sluice::upstream
