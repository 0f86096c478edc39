#include "sluice/delivery/transformed_body.hpp"

namespace sluice::delivery {

awaitable<Result<net::Bytes>> TransformedBody::next() {
  for (;;) {
    auto output = chain_.next();
    if (!output || !output->empty() || ended_) co_return output;
    if (chain_.wants_no_more()) {
      co_await abandon();
    } else {
      auto piece = co_await from_.next();
      if (!piece) co_return piece;
      ended_ = piece->empty();
      chain_.give(*piece);
    }
    if (ended_) chain_.end();
  }
}

awaitable<void> TransformedBody::abandon() {
  if (std::exchange(ended_, true)) co_return;
  co_await from_.abandon();
}

}  // namespace sluice::delivery
