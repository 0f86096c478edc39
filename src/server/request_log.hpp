#pragma once

#include <optional>
#include <string_view>

#include "sluice/server/exchange.hpp"

namespace sluice::server {

/// Counts a request that has ended, and logs it: one line, with what was asked, by whom, what
/// became of it and how long it took, never the query or a path. `error` is why the request failed,
/// which may have been too late for a status of its own. An error that is not the client's is a
/// warning, also where no line per request is wanted.
void conclude_request(const Exchange& exchange, const std::optional<Error>& error);

}  // namespace sluice::server
