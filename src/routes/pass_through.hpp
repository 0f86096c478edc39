#pragma once

#include <string>
#include <string_view>

#include "proxy_request.hpp"
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
};

/// Sends an origin's response on: status, the headers that describe the body, the body as it
/// arrives. An error status is answered as ours, in JSON, without the origin's body.
[[nodiscard]] awaitable<Result<>> pass_through(server::Exchange& exchange, Services& services,
                                               upstream::Response& response,
                                               const ResponseEdits& edits,
                                               PassThrough changes = {});

/// Answers with an origin's error status (400 and above), its Retry-After and Content-Range.
[[nodiscard]] awaitable<Result<>> pass_error(server::Exchange& exchange,
                                             upstream::Response& response);

}  // namespace sluice::routes
