#include "handlers.hpp"
#include "pass_changed.hpp"
#include "proxy_request.hpp"
#include "segment_key.hpp"
#include "sluice/core/text.hpp"

namespace sluice::routes {

awaitable<Result<>> serve_hls_segment(server::Exchange& exchange, Services& services) {
  auto wanted = parse_proxy_request(exchange);
  if (!wanted) co_return wanted.error();
  const auto changes = parse_body_changes(exchange.query());
  if (!changes) co_return changes.error();
  if (changes->any()) changes->set_range(wanted->upstream_headers);

  std::string key;
  if (changes->decryption && !exchange.is_head()) {
    auto fetched = co_await fetch_segment_key(exchange, services, *changes->decryption,
                                              wanted->upstream_headers);
    if (!fetched) co_return fetched.error();
    if (!*fetched) co_return Result<>();
    key = **std::move(fetched);
  }
  auto request = std::move(*wanted).upstream_request();
  request.may_be_held = exchange.query().flag("hold");
  auto response = co_await fetch(exchange, services, std::move(request));
  if (!response) co_return response.error();
  PassThrough head;
  const TypeGuess guess{ascii_lower(exchange.path_tail()), "application/octet-stream"};
  co_return co_await pass_changed(exchange, services, **response, wanted->edits, *changes,
                                  std::move(key), guess, std::move(head));
}

}  // namespace sluice::routes
