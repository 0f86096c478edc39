#pragma once

#include "sluice/routes/settings.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::routes {

/// What the routes of one worker use. Owned by the program; outlives every exchange.
struct Services {
  upstream::Client& upstream;
  const HlsSettings& hls;
};

}  // namespace sluice::routes
