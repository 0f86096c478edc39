#include "sluice/delivery/deliver.hpp"

#include "sluice/core/log.hpp"
#include "sluice/delivery/relay.hpp"
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

/// Bytes of the whole body that have not come; 0 where its length is unknown.
std::uint64_t missing(const http::ResponseHead& head, const http::BodyWriter& to) {
  const bool known = head.body.kind == http::BodyFraming::Kind::length;
  return known && to.body_bytes() < head.body.length ? head.body.length - to.body_bytes() : 0;
}

Count outcome_of(const Result<upstream::ResponseBody>& rest) {
  if (rest) return Count::resumes_succeeded;
  return rest.error().code == Errc::resume_refused ? Count::resumes_refused : Count::resumes_failed;
}

struct Break {
  std::uint64_t received = 0;  ///< bytes of the body that came before it
  unsigned fruitless = 0;      ///< attempts that brought none, since some came
  bool at_once = true;
};

awaitable<Result<upstream::ResponseBody>> continue_body(net::Worker& worker,
                                                        upstream::Client& client,
                                                        const upstream::Response& response,
                                                        const Break& at,
                                                        net::CancelSignal* cancel) {
  if (!at.at_once) {
    net::Event never(worker);
    const auto pause = Deadline::in(client.settings().retry_delay);
    if (const auto why = co_await never.wait(pause, cancel); net::is_cancel(why)) {
      co_return net::cancel_error(why);
    }
  }
  co_return co_await client.resume(response, at.received,
                                   client.settings().retry_attempts - at.fruitless, cancel);
}

}  // namespace

awaitable<Result<>> deliver(net::Worker& worker, upstream::Client& client,
                            upstream::Response& response, http::BodyWriter& to,
                            net::CancelSignal* cancel) {
  const auto attempts = client.settings().retry_attempts;
  for (Break at{to.body_bytes()};;) {
    auto sent = co_await relay(worker, response.body, to);
    const auto left = missing(response.head, to);
    if (sent && left == 0) co_return co_await to.finish();
    if (sent) sent = upstream_error(Errc::body_cut, "only a part of the rest came");
    if (sent.error().origin == Origin::client) {
      co_await response.body.drain(kMaxLeftover, kLeftoverPatience);
    }
    const auto progress = to.body_bytes() - at.received;
    if (progress > 0) at.fruitless = 0;
    if (!is_break(sent.error()) || at.fruitless >= attempts) co_return sent;
    at.received += progress;
    at.at_once = progress >= kGoodProgress;
    response.body = {};  // its permit is needed for the rest
    auto rest = co_await continue_body(worker, client, response, at, cancel);
    worker.metrics().add(outcome_of(rest));
    if (!rest) {
      const bool cancelled = rest.error().origin != Origin::upstream;
      if (!cancelled)
        log::debug("a body that broke off is not continued: {}", rest.error().context);
      co_return cancelled ? rest.error() : sent.error();
    }
    log::debug("a body that broke off after {} bytes is continued", at.received);
    response.body = *std::move(rest);
    response.body.expect_at_most(left);
    ++at.fruitless;
  }
}

}  // namespace sluice::delivery
