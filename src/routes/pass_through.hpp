#pragma once

#include <string>
#include <string_view>

#include "proxy_request.hpp"
#include "sluice/delivery/transformed_body.hpp"
#include "sluice/routes/services.hpp"
#include "sluice/server/exchange.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::routes {

/// Asks the origin, for HEAD without a body, and notes the timings. Errors of Client::open().
[[nodiscard]] awaitable<Result<std::unique_ptr<upstream::Response>>> fetch(
    server::Exchange& exchange, Services& services, upstream::Request&& request);

/// How a response on its way through differs from the origin's.
struct PassThrough {
  std::string content_type;          ///< replaces the origin's; empty: keep
  std::string content_disposition;   ///< added; empty: none
  std::string_view read_ahead = {};  ///< bytes of the body already taken; sent first
  bool whole = false;  ///< a 200 for all of something else than the origin's file: no ranges of it
  /// The body, in place of the origin's, and its length if that is known; null: as it comes.
  delivery::TransformedBody* body = nullptr;
  std::optional<std::uint64_t> length = {};
};

/// Sends an origin's response on: status, the headers that describe the body, the body as it
/// arrives. An error status is answered as ours, in JSON, without the origin's body.
[[nodiscard]] awaitable<Result<>> pass_through(server::Exchange& exchange, Services& services,
                                               upstream::Response& response,
                                               const ResponseEdits& edits,
                                               PassThrough changes = {});

/// Reads the body of an error, if it is short and comes soon, so that the connection can be used
/// again.
[[nodiscard]] awaitable<void> drain_error(upstream::Response& response);

/// Answers with an origin's error status (400 and above), its Retry-After and Content-Range; `what`
/// is added to the text.
[[nodiscard]] awaitable<Result<>> pass_error(server::Exchange& exchange,
                                             upstream::Response& response,
                                             std::string_view what = {});

/// Length of a response's body as its framing announces it, or for HEAD what the origin says of a
/// GET; nullopt when unknown.
[[nodiscard]] std::optional<std::uint64_t> length_of(const http::ResponseHead& head, bool is_head);

}  // namespace sluice::routes
