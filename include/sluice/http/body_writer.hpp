#pragma once

#include <string>

#include "sluice/http/body_decoder.hpp"
#include "sluice/net/stream.hpp"

namespace sluice::http {

/// Sends one response to a client: its head, gathered with the first bytes of its body, and then
/// the body in the framing the head announced.
class BodyWriter {
 public:
  /// `patience`: how long the client may take no byte at all. `client` must outlive this.
  BodyWriter(net::Stream& client, Clock::duration patience) noexcept
      : client_(client), patience_(patience) {}

  /// Keeps a complete head (with its empty line) for the next write. `send_body` is false for HEAD:
  /// what is written is counted as sent, but not sent.
  void start(std::string head, BodyFraming framing, bool send_body);

  /// Sends the head if it still waits. client_gone or client_stalled (origin client).
  [[nodiscard]] awaitable<Result<>> flush();
  /// Sends a piece of the body; the bytes are not kept. internal when it is more than was
  /// announced.
  [[nodiscard]] awaitable<Result<>> write(net::ConstBytes bytes);
  /// The body may come out of a pipe: its length is announced and the client's socket is plain.
  [[nodiscard]] bool can_splice() const noexcept {
    return send_body_ && framing_.kind == BodyFraming::Kind::length && client_.can_splice();
  }
  [[nodiscard]] net::Stream& client() noexcept { return client_; }
  /// Sends of `pipe` what the client takes at once; the rest waits for splice(). The head must have
  /// left. Errors as write().
  [[nodiscard]] Result<> try_splice(net::SplicePipe& pipe);
  /// Sends all that `pipe` holds.
  [[nodiscard]] awaitable<Result<>> splice(net::SplicePipe& pipe);
  /// Ends the body. internal when it is shorter than was announced: the connection must then be
  /// closed, never used again.
  [[nodiscard]] awaitable<Result<>> finish();

  /// Nothing has left yet: another response may still be started instead.
  [[nodiscard]] bool untouched() const noexcept { return !touched_; }
  /// Everything announced has been sent.
  [[nodiscard]] bool finished() const noexcept { return finished_; }
  [[nodiscard]] const BodyFraming& framing() const noexcept { return framing_; }
  /// False for HEAD: nobody reads what is written.
  [[nodiscard]] bool wants_body() const noexcept { return send_body_; }
  [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_bytes_; }

 private:
  /// `body` of the bytes are the body's.
  [[nodiscard]] awaitable<Result<>> send(std::span<iovec> buffers, std::size_t body = 0);

  net::Stream& client_;
  Clock::duration patience_;
  std::string head_;
  BodyFraming framing_;
  std::uint64_t body_bytes_ = 0;
  bool send_body_ = true;
  bool touched_ = false;
  bool finished_ = false;
};

}  // namespace sluice::http
