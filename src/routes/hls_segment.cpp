#include "handlers.hpp"
#include "pass_changed.hpp"
#include "proxy_request.hpp"
#include "second_try.hpp"
#include "segment_secrets.hpp"
#include "sluice/core/text.hpp"

namespace sluice::routes {

namespace {

/// A segment that a playlist names may be a moment late, which 404 says too.
bool may_come(const server::Exchange& exchange, const Services& services,
              const upstream::Response& response) {
  const auto status = response.head.status;
  return (status == 404 || status == 500) && !exchange.is_head() &&
         allows_second_try(services, response.head);
}

}  // namespace

awaitable<Result<>> serve_hls_segment(server::Exchange& exchange, Services& services) {
  auto wanted = parse_proxy_request(exchange);
  if (!wanted) co_return wanted.error();
  const auto changes = parse_body_changes(exchange.query());
  if (!changes) co_return changes.error();
  if (changes->any()) changes->set_range(wanted->upstream_headers);

  FetchedSecrets found;
  if (changes->decryption) {
    auto fetched =
        co_await fetch_secrets(exchange, services, *changes->decryption, wanted->upstream_headers);
    if (!fetched) co_return fetched.error();
    if (!*fetched) co_return Result<>();
    found = *std::move(*fetched);
  }
  auto request = std::move(*wanted).upstream_request();
  request.may_be_held = exchange.query().flag("hold");
  auto response = co_await fetch(exchange, services, std::move(request));
  if (response && may_come(exchange, services, **response)) {
    request = (*response)->request;
    auto prepared = co_await prepare_second_try(exchange, services, *std::move(response));
    if (!prepared) co_return prepared.error();
    response = co_await fetch(exchange, services, std::move(request));
  }
  if (!response) co_return response.error();
  PassThrough head;
  const TypeGuess guess{ascii_lower(exchange.path_tail()), "application/octet-stream"};
  auto sent = co_await pass_changed(exchange, services, **response, wanted->edits, *changes,
                                    found.secrets, guess, std::move(head));
  // New ones may have taken their places at the origin.
  const bool unfit =
      !sent && (sent.error().code == Errc::bad_segment || sent.error().code == Errc::bad_key);
  if (unfit) forget_secrets(services, found);
  co_return sent;
}

}  // namespace sluice::routes
