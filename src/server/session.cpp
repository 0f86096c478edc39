#include "session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "request_log.hpp"
#include "sluice/core/log.hpp"
#include "sluice/http/response_head.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/server/error_reply.hpp"

namespace sluice::server {
namespace {

/// A client that has closed its sending side may still read, or may be gone: TCP does not tell. It
/// counts as gone when for this many ticks there was nothing to send that could have told.
constexpr int kQuietTicksUntilGone = 5;

/// A client that has just connected when the server stops gets this long for its request: it cannot
/// know, and would not repeat a first request that met a reset.
constexpr int kFirstRequestTicks = 10;
constexpr auto kFirstRequestPatience = kFirstRequestTicks * net::Ticker::kInterval;

/// For a request after which the connection ends in any case.
constexpr bool kClosing = true;

std::string text_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

/// Once: a reverse proxy that is not in server.trusted_proxies makes all its clients look like one.
void note_ignored_claim(const asio::ip::address& peer) {
  static const auto kNeighbours = access::TrustedProxies::parse("private, loopback").value();
  static std::atomic<bool> noted = false;
  if (!kNeighbours.trusts(peer) || noted.exchange(true)) return;
  log::warning(
      "{} names other clients in X-Forwarded-For, and is not believed: if it is a proxy of yours, "
      "add it to server.trusted_proxies (FORWARDED_ALLOW_IPS)",
      peer.to_string());
}

/// Errors after which the request's framing is unknown, or the rest of it unread.
bool leaves_request_open(Errc code) {
  switch (code) {
    case Errc::bad_request:
    case Errc::header_too_large:
    case Errc::payload_too_large:
    case Errc::unsupported_coding:
    case Errc::unsupported_version:
    case Errc::expectation_failed:
    case Errc::request_timeout: return true;
    default: return false;
  }
}

}  // namespace

Session::Session(SessionContext& context, net::Worker& worker, int fd)
    : context_(context), client_(worker, fd), reader_(client_) {
  peer_ = client_.remote().address();
  local_address_ = text_of(client_.local());
}

awaitable<void> Session::run() {
  for (bool going = true; going; first_ = false) going = co_await serve_one();
}

/// Between two requests, and the next has not even begun to arrive.
bool Session::may_end() const {
  return !first_ && reader_.idle() && !client_.has_input();
}

/// Reads and answers one request; false when the connection is to end.
awaitable<bool> Session::serve_one() {
  if (context_.hurried && may_end()) co_return false;
  auto serving = context_.serving;
  const auto& limits = serving->settings;
  Clock::duration patience = first_ ? limits.first_byte_timeout : limits.idle_timeout;
  if (context_.hurried) patience = std::min<Clock::duration>(patience, kFirstRequestPatience);
  auto request = co_await reader_.next(limits, patience);
  if (request && !*request) co_return false;
  serving = context_.serving;  // it may have waited for long
  if (request) {
    const bool wanted = serving->router.takes_body(**request);
    auto body = co_await reader_.read_body(
        serving->settings, **request,
        wanted ? RequestReader::Body::keep : RequestReader::Body::forget);
    if (body) co_return co_await answer(*serving, **std::move(request), *std::move(body));
    request = std::move(body).error();
  }
  if (leaves_request_open(request.error().code)) co_await refuse(*serving, request.error());
  co_return false;
}

awaitable<bool> Session::answer(const Serving& serving, http::RequestHead request,
                                std::string body) {
  client_.worker().metrics().add(Count::requests_begun);
  const auto asker = access::client_address(request.headers, peer_, serving.trusted_proxies);
  if (asker.claim_ignored) note_ignored_claim(asker.address);
  Exchange exchange(
      std::move(request), std::move(body),
      {client_, serving.settings.send_timeout, local_address_, asker, context_.draining});
  exchange_ = &exchange;
  bytes_at_last_tick_ = 0;
  quiet_ticks_ = 0;
  if (!net::Ticker::Listener::is_linked()) client_.worker().ticker().add(*this);
  auto result = co_await dispatch(serving.router, exchange);
  if (!result && exchange.writer().untouched()) {
    // A response of which nothing has left can still be one that says what went wrong.
    auto sent = co_await exchange.send_error(result.error());
    if (!sent) result = sent;
  } else if (result && !exchange.writer().finished()) {
    result = internal_error("the handler did not finish its response");
  }
  net::Ticker::remove(*this);
  exchange_ = nullptr;
  conclude_request(exchange, result ? std::nullopt : std::optional(result.error()));

  const auto& writer = exchange.writer();
  if (!writer.finished()) {
    // A body that has no announced end would look complete if it simply ended here.
    if (writer.framing().kind == http::BodyFraming::Kind::until_close) client_.reset_on_close();
    co_return false;
  }
  if (!exchange.keep_alive() || context_.hurried) {
    co_await reader_.linger();
    co_return false;
  }
  co_return true;
}

/// The router's answer; what a handler throws is a bug, and an error like any other.
awaitable<Result<>> Session::dispatch(const Router& router, Exchange& exchange) {
  std::string thrown;
  try {
    co_return co_await router.dispatch(exchange);
  } catch (const std::exception& failure) {
    thrown = failure.what();
  }
  co_return internal_error(std::move(thrown));
}

/// Answers a request that could not be read; the connection ends after it.
awaitable<void> Session::refuse(const Serving& serving, const Error& error) {
  client_.worker().metrics().add(Count::requests_begun);
  Exchange exchange({}, {},
                    {client_,
                     serving.settings.send_timeout,
                     local_address_,
                     {access::plain_address(peer_)},
                     kClosing});
  auto sent = co_await exchange.send_error(error);
  conclude_request(exchange, error);
  if (sent) co_await reader_.linger();
}

void Session::drain() {
  if (exchange_) return;
  if (may_end()) {
    client_.cancel(net::kShuttingDown);
  } else if (reader_.idle()) {
    quiet_ticks_ = 0;
    client_.worker().ticker().add(*this);
  }
}

void Session::abort() {
  if (exchange_) exchange_->cancel().cancel(net::kShuttingDown);
  client_.cancel(net::kShuttingDown);
}

/// Looks whether the client of the running exchange is still there; what waits for the origin on
/// its behalf is ended when it is not.
void Session::on_tick(TimePoint) {
  if (!exchange_) {
    if (!reader_.idle()) return net::Ticker::remove(*this);
    if (++quiet_ticks_ >= kFirstRequestTicks) client_.cancel(net::kShuttingDown);
    return;
  }
  const auto peer = client_.peer();
  if (peer == net::Stream::Peer::open || client_.waiting()) return;
  const auto sent = exchange_->writer().body_bytes();
  quiet_ticks_ = sent == bytes_at_last_tick_ ? quiet_ticks_ + 1 : 0;
  bytes_at_last_tick_ = sent;
  if (peer == net::Stream::Peer::gone || quiet_ticks_ >= kQuietTicksUntilGone) {
    exchange_->cancel().cancel(net::kClientGone);
  }
}

}  // namespace sluice::server
