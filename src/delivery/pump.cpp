#include "sluice/delivery/pump.hpp"

#include <boost/asio/post.hpp>

namespace sluice::delivery {

awaitable<Result<>> pump(upstream::ResponseBody& from, http::BodyWriter& to) {
  for (;;) {
    // A body that is not there yet does not hold the head back.
    if (!from.has_buffered() && !from.finished()) {
      if (auto sent = co_await to.flush(); !sent) co_return sent;
    }
    auto piece = co_await from.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return Result<>();
    if (auto sent = co_await to.write(*piece); !sent) co_return sent;
    if (!from.finished()) co_await asio::post(co_await asio::this_coro::executor, use_tuple);
  }
}

}  // namespace sluice::delivery
