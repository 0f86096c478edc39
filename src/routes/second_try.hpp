#pragma once

#include <memory>

#include "sluice/http/response_head.hpp"
#include "sluice/routes/services.hpp"
#include "sluice/server/exchange.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::routes {

/// Requests may be repeated, and the origin did not say when.
[[nodiscard]] bool allows_second_try(const Services& services, const http::ResponseHead& head);

/// Lets go of the answer before, if there was one, and waits a moment: its origin may do better
/// then. The cancellation's error when the client has left.
[[nodiscard]] awaitable<Result<>> prepare_second_try(server::Exchange& exchange, Services& services,
                                                     std::unique_ptr<upstream::Response> refused);

}  // namespace sluice::routes
