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

/// The origin's side failed in mid-body, in a way that another connection may mend; or what it sent
/// for the rest was only a part of it.
bool is_break(const Error& error, const upstream::ResponseBody& body, const http::BodyWriter& to) {
  const bool short_part = body.finished() && to.framing().kind == http::BodyFraming::Kind::length &&
                          to.body_bytes() < to.framing().length;
  return error.code == Errc::body_cut || error.code == Errc::idle_timeout || short_part;
}

/// After `fruitless` attempts in a row that brought no byte.
awaitable<Result<upstream::ResponseBody>> continue_body(net::Worker& worker,
                                                        upstream::Client& client,
                                                        const upstream::Response& response,
                                                        std::uint64_t received, unsigned fruitless,
                                                        net::CancelSignal* cancel) {
  if (fruitless > 0) {
    net::Event never(worker.io().get_executor());
    const auto pause = Deadline::in(client.settings().retry_delay);
    if (const auto why = co_await never.wait(pause, cancel); net::is_cancel(why)) {
      co_return net::cancel_error(why);
    }
  }
  co_return co_await client.resume(response, received, client.settings().retry_attempts - fruitless,
                                   cancel);
}

}  // namespace

awaitable<Result<>> deliver(net::Worker& worker, upstream::Client& client,
                            upstream::Response& response, http::BodyWriter& to,
                            net::CancelSignal* cancel) {
  const auto attempts = client.settings().retry_attempts;
  auto received = to.body_bytes();
  for (unsigned fruitless = 0;;) {
    auto sent = co_await relay(worker, response.body, to);
    if (sent) co_return sent;
    if (sent.error().origin == Origin::client) {
      co_await response.body.drain(kMaxLeftover, kLeftoverPatience);
    }
    if (!is_break(sent.error(), response.body, to) || fruitless >= attempts) co_return sent;
    response.body = {};  // its permit is needed for the rest
    if (to.body_bytes() > received) fruitless = 0;
    received = to.body_bytes();
    auto rest = co_await continue_body(worker, client, response, received, fruitless, cancel);
    if (!rest) {
      const bool cancelled = rest.error().origin != Origin::upstream;
      if (!cancelled)
        log::debug("a body that broke off is not continued: {}", rest.error().context);
      co_return cancelled ? rest.error() : sent.error();
    }
    log::debug("a body that broke off after {} bytes is continued", received);
    response.body = *std::move(rest);
    ++fruitless;
  }
}

}  // namespace sluice::delivery
