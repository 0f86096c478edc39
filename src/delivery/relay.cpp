#include "sluice/delivery/relay.hpp"

#include <boost/asio/post.hpp>

#include "sluice/delivery/pump.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::delivery {
namespace {

/// Bytes moved at once, and before others get their turn. Less costs system calls and wake-ups, more
/// piles up in socket buffers and leaves the processor's cache before the receiver reads it.
constexpr std::size_t kMoveBytes = 240 * 1024;
constexpr std::size_t kTurnBytes = 2 * kMoveBytes;

/// What came with the head leaves with ours, in one write.
awaitable<Result<>> send_buffered(upstream::ResponseBody& from, http::BodyWriter& to) {
  while (from.has_buffered() && !from.finished()) {
    auto piece = co_await from.next();
    if (!piece) co_return piece.error();
    if (auto sent = co_await to.write(*piece); !sent) co_return sent;
  }
  co_return co_await to.flush();
}

/// Moves bytes until the turn is over (true) or nothing is there yet (false).
awaitable<Result<bool>> take_turn(net::SplicePipePool& pipes, upstream::ResponseBody& from,
                                  http::BodyWriter& to) {
  auto pipe = pipes.take();
  if (!pipe) co_return upstream_error(Errc::splice_refused);  // too many open files
  for (std::size_t moved = 0; moved < kTurnBytes && !from.finished();) {
    const auto found = from.try_splice(*pipe, kMoveBytes);
    if (!found) co_return found.error();
    if (!*found) co_return false;
    moved += pipe->held();
    if (auto sent = to.try_splice(*pipe); !sent) co_return sent.error();
    if (pipe->held() > 0) {
      if (auto sent = co_await to.splice(*pipe); !sent) co_return sent.error();
      moved = 0;  // the wait gave others their turn
    }
  }
  co_return true;
}

}  // namespace

awaitable<Result<>> relay(net::Worker& worker, upstream::ResponseBody& from, http::BodyWriter& to) {
  if (!to.can_splice() || from.finished()) co_return co_await pump(from, to);
  if (auto sent = co_await send_buffered(from, to); !sent) co_return sent;
  while (!from.finished()) {
    if (!from.can_splice()) co_return co_await pump(from, to);
    auto turn = co_await take_turn(worker.pipes(), from, to);
    if (!turn && turn.error().code == Errc::splice_refused) co_return co_await pump(from, to);
    if (!turn) co_return turn.error();
    if (from.finished()) break;
    if (*turn) {
      co_await asio::post(worker.io(), asio::use_awaitable);
    } else if (auto more = co_await from.wait(); !more) {
      co_return more;
    }
  }
  co_return Result<>();
}

}  // namespace sluice::delivery
