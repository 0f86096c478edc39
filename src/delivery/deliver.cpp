#include "sluice/delivery/deliver.hpp"

#include "sluice/delivery/relay.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::delivery {

awaitable<Result<>> deliver(net::Worker& worker, upstream::Client& client,
                            upstream::Response& response, http::BodyWriter& to,
                            net::CancelSignal* cancel) {
  ContinuedBody body(worker, client, response, cancel, to.body_bytes());
  for (;;) {
    auto sent = co_await relay(worker, response.body, to);
    if (sent && body.missing(to.body_bytes()) == 0) co_return co_await to.finish();
    if (sent) sent = upstream_error(Errc::body_cut, "only a part of the rest came");
    if (sent.error().origin == Origin::client) co_await body.abandon();
    auto mended = co_await body.mend(std::move(sent).error(), to.body_bytes());
    if (!mended) co_return mended;
  }
}

awaitable<Result<>> deliver(TransformedBody& from, http::BodyWriter& to) {
  net::Sleeper turns(from.worker().reactor());
  for (;;) {
    auto piece = co_await from.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return co_await to.finish();
    if (auto sent = co_await to.write(*piece); !sent) {
      co_await from.abandon();
      co_return sent;
    }
    co_await turns.yield();
  }
}

}  // namespace sluice::delivery
