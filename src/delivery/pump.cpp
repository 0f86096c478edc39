#include "sluice/delivery/pump.hpp"

#include "sluice/net/worker.hpp"

namespace sluice::delivery {

awaitable<Result<>> pump(net::Worker& worker, upstream::ResponseBody& from, http::BodyWriter& to) {
  net::Sleeper turns(worker.reactor());
  for (;;) {
    // A body that is not there yet does not hold the head back.
    if (!from.has_buffered() && !from.finished()) {
      if (auto sent = co_await to.flush(); !sent) co_return sent;
    }
    auto piece = co_await from.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return Result<>();
    if (auto sent = co_await to.write(*piece); !sent) co_return sent;
    if (!from.finished()) co_await turns.yield();
  }
}

}  // namespace sluice::delivery
