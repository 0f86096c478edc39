#include "sluice/delivery/continued_body.hpp"

#include "sluice/core/log.hpp"
#include "sluice/net/event.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::delivery {
namespace {

/// When the client leaves: what is left of a body is read up to here, so that the connection to the
/// origin can be used again; a longer one is dropped with its connection.
constexpr std::uint64_t kMaxLeftover = 64 * 1024;
constexpr auto kLeftoverPatience = std::chrono::milliseconds(200);

/// Progress that shows a connection to be worth another one at once.
constexpr std::uint64_t kGoodProgress = 16 * 1024;

/// The origin's side failed in mid-body, in a way that another connection may mend.
bool is_break(const Error& error) {
  return error.code == Errc::body_cut || error.code == Errc::idle_timeout;
}

Count outcome_of(const Result<upstream::ResponseBody>& rest) {
  if (rest) return Count::resumes_succeeded;
  return rest.error().code == Errc::resume_refused ? Count::resumes_refused : Count::resumes_failed;
}

}  // namespace

awaitable<Result<net::Bytes>> ContinuedBody::next() {
  for (;;) {
    auto piece = co_await response_.body.next();
    if (piece && !piece->empty()) {
      received_ += piece->size();
      co_return piece;
    }
    if (piece && missing(received_) == 0) co_return piece;
    auto error = piece ? upstream_error(Errc::body_cut, "only a part of the rest came")
                       : std::move(piece).error();
    auto mended = co_await mend(std::move(error), received_);
    if (!mended) co_return mended.error();
  }
}

std::uint64_t ContinuedBody::missing(std::uint64_t received) const noexcept {
  const auto& framing = response_.head.body;
  const bool known = framing.kind == http::BodyFraming::Kind::length;
  return known && received < framing.length ? framing.length - received : 0;
}

awaitable<Result<>> ContinuedBody::mend(Error error, std::uint64_t received) {
  const auto progress = received - before_;
  if (progress > 0) fruitless_ = 0;
  if (!is_break(error) || fruitless_ >= client_.settings().retry_attempts) co_return error;
  before_ = received;
  response_.body = {};  // its permit is needed for the rest
  auto rest = co_await fetch_rest(progress >= kGoodProgress);
  worker_.metrics().add(outcome_of(rest));
  if (!rest) {
    if (rest.error().origin != Origin::upstream) co_return rest.error();
    log::debug("a body that broke off is not continued: {}", rest.error().context);
    co_return error;
  }
  log::debug("a body that broke off after {} bytes is continued", received);
  response_.body = *std::move(rest);
  response_.body.expect_at_most(missing(received));
  ++fruitless_;
  co_return Result<>();
}

awaitable<Result<upstream::ResponseBody>> ContinuedBody::fetch_rest(bool at_once) {
  if (!at_once) {
    net::Event never(worker_);
    const auto pause = Deadline::in(client_.settings().retry_delay);
    if (const auto why = co_await never.wait(pause, cancel_); net::is_cancel(why)) {
      co_return net::cancel_error(why);
    }
  }
  co_return co_await client_.resume(response_, before_,
                                    client_.settings().retry_attempts - fruitless_, cancel_);
}

awaitable<void> ContinuedBody::abandon() {
  co_await response_.body.drain(kMaxLeftover, kLeftoverPatience);
}

}  // namespace sluice::delivery
