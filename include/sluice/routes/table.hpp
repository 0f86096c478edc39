#pragma once

#include <vector>

#include "sluice/routes/services.hpp"
#include "sluice/server/router.hpp"

namespace sluice::routes {

/// Every URL of the proxy. `services` outlives the routes.
[[nodiscard]] std::vector<server::Route> proxy_routes(Services& services);

/// The demo's origin: an embedded clip under /ts/ and /fmp4/.
[[nodiscard]] std::vector<server::Route> demo_routes();

/// Paths of the demo's master playlists, each with a word on what it is.
struct DemoStream {
  std::string_view title;
  std::string_view path;
};
[[nodiscard]] std::vector<DemoStream> demo_streams();

}  // namespace sluice::routes
