#include "sluice/delivery/relay.hpp"

#include <algorithm>

#include "sluice/delivery/pump.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::delivery {
namespace {

using net::SplicePipePool;

/// A client that takes this much without being waited for is fast, until it takes less than this in
/// a second.
constexpr std::size_t kFastBytes = 512 * 1024;
constexpr std::uint64_t kFastRate = 2 * 1024 * 1024;

/// Bytes moved before others get their turn.
constexpr std::size_t kTurnBytes = 1024 * 1024;

/// What came with the head leaves with ours, in one write.
awaitable<Result<>> send_buffered(upstream::ResponseBody& from, http::BodyWriter& to) {
  while (from.has_buffered() && !from.finished()) {
    auto piece = co_await from.next();
    if (!piece) co_return piece.error();
    if (auto sent = co_await to.write(*piece); !sent) co_return sent;
  }
  co_return co_await to.flush();
}

class Relay {
 public:
  Relay(net::Worker& worker, upstream::ResponseBody& from, http::BodyWriter& to)
      : worker_(worker), turns_(worker.reactor()), from_(from), to_(to) {}

  awaitable<Result<>> run() {
    while (!from_.finished()) {
      auto more = co_await take_turn();
      if (!more) co_return more.error();
      if (from_.finished()) break;
      if (*more) {
        co_await turns_.yield();
      } else if (auto waited = co_await from_.wait(to_.client().takes_fast()); !waited) {
        co_return waited;
      }
    }
    co_return Result<>();
  }

 private:
  /// Moves bytes until the turn is over (true) or nothing is there yet (false).
  awaitable<Result<bool>> take_turn() {
    auto pipe =
        worker_.pipes().take(at_once_ > SplicePipePool::kSmallPipe ? SplicePipePool::Size::large
                                                                   : SplicePipePool::Size::small);
    if (!pipe) co_return upstream_error(Errc::splice_refused);  // too many open files
    for (std::size_t moved = 0; moved < kTurnBytes && !from_.finished();) {
      const auto found = from_.try_splice(*pipe, at_once_);
      if (!found) co_return found.error();
      if (!*found) co_return false;
      const auto size = pipe->held();
      if (auto sent = to_.try_splice(*pipe); !sent) co_return sent.error();
      adapt(size, pipe->held());
      if (pipe->held() > 0) {
        if (auto sent = co_await wait_for_client(*pipe); !sent) co_return sent.error();
        co_return true;
      }
      moved += size;
    }
    co_return true;
  }

  /// A client that did not take all is given less, so that little of it is stuck in a small pipe.
  void adapt(std::size_t given, std::size_t stuck) noexcept {
    if (stuck > 0) {
      at_once_ = std::max(given - stuck, SplicePipePool::kSmallPipe);
    } else if (given >= at_once_) {
      at_once_ = std::min(2 * at_once_, SplicePipePool::kLargePipe);
    }
    smooth_ = stuck > 0 ? 0 : smooth_ + given;
    if (smooth_ >= kFastBytes) is_fast(true);
  }

  awaitable<Result<>> wait_for_client(net::SplicePipe& pipe) {
    if (!to_.client().takes_fast()) is_fast(false);
    auto sent = co_await to_.splice(pipe);
    const auto now = Clock::now();
    if (const auto time = now - rated_at_; time >= std::chrono::seconds(1)) {
      const auto bytes = to_.body_bytes() - rated_bytes_;
      is_fast(bytes / static_cast<std::uint64_t>(time / std::chrono::seconds(1)) >= kFastRate);
      rated_at_ = now;
      rated_bytes_ = to_.body_bytes();
    }
    co_return sent;
  }

  /// What the origin sends to a slow client is to stay with the origin.
  void is_fast(bool fast) {
    to_.client().set_takes_fast(fast);
    from_.hold_little(!fast);
  }

  net::Worker& worker_;
  net::Sleeper turns_;
  upstream::ResponseBody& from_;
  http::BodyWriter& to_;
  std::size_t at_once_ = SplicePipePool::kLargePipe;
  std::size_t smooth_ = 0;  ///< bytes since the client was waited for
  TimePoint rated_at_ = Clock::now();
  std::uint64_t rated_bytes_ = to_.body_bytes();
};

}  // namespace

awaitable<Result<>> relay(net::Worker& worker, upstream::ResponseBody& from, http::BodyWriter& to) {
  if (!to.can_splice() || from.finished()) co_return co_await pump(worker, from, to);
  if (auto sent = co_await send_buffered(from, to); !sent) co_return sent;
  if (from.can_splice()) {
    auto sent = co_await Relay(worker, from, to).run();
    if (sent || sent.error().code != Errc::splice_refused) co_return sent;
  }
  co_return co_await pump(worker, from, to);
}

}  // namespace sluice::delivery
