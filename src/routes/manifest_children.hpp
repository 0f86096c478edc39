#pragma once

#include "child_urls.hpp"
#include "sluice/routes/services.hpp"
#include "sluice/server/exchange.hpp"

namespace sluice::routes {

/// The URLs that a manifest of this request leads to, by its parameters and the settings. With
/// `key_only_route` as if key_only_proxy was given. bad_request naming the parameter that is
/// malformed. The exchange outlives them.
[[nodiscard]] Result<ChildUrls> manifest_children(const server::Exchange& exchange,
                                                  const Services& services, bool key_only_route);

}  // namespace sluice::routes
