#pragma once

#include "sluice/upstream/client.hpp"

namespace sluice::delivery {

/// The body of a response through its breaks: where it breaks off it is continued with a range
/// request, if the origin proves that it is the rest. `retry_attempts` of the client's settings
/// counts attempts that brought nothing. Counts bytes of the origin. What it is given outlives it.
class ContinuedBody {
 public:
  /// `received` bytes of the body have been taken already.
  ContinuedBody(net::Worker& worker, upstream::Client& client, upstream::Response& response,
                net::CancelSignal* cancel, std::uint64_t received = 0) noexcept
      : worker_(worker),
        client_(client),
        response_(response),
        cancel_(cancel),
        received_(received) {}

  /// As ResponseBody::next(), but body_cut or idle_timeout only where the rest cannot be had.
  [[nodiscard]] awaitable<Result<net::Bytes>> next();

  /// Bytes of the whole body that have not come when `received` have; 0 where its length is
  /// unknown.
  [[nodiscard]] std::uint64_t missing(std::uint64_t received) const noexcept;

  /// Puts the rest in the place of a body that ended with `error` after `received` bytes in all.
  /// `error` itself when it is no break, or there is no rest to be had; cancel_error().
  [[nodiscard]] awaitable<Result<>> mend(Error error, std::uint64_t received);

  [[nodiscard]] net::Worker& worker() const noexcept { return worker_; }

  /// The client has left: ends the body, in a way that its connection may be used again if little
  /// of it is left.
  [[nodiscard]] awaitable<void> abandon();

 private:
  [[nodiscard]] awaitable<Result<upstream::ResponseBody>> fetch_rest(bool at_once);

  net::Worker& worker_;
  upstream::Client& client_;
  upstream::Response& response_;
  net::CancelSignal* cancel_;
  std::uint64_t received_;
  std::uint64_t before_ = received_;  ///< bytes that came before the attempt under way
  unsigned fruitless_ = 0;            ///< attempts that brought none, since some came
};

}  // namespace sluice::delivery
