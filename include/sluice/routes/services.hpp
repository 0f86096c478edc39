#pragma once

#include "sluice/access/gate.hpp"
#include "sluice/access/public_base.hpp"
#include "sluice/routes/public_ip_cache.hpp"
#include "sluice/routes/settings.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::routes {

/// What the routes of one worker use. Owned by the program; outlives every exchange.
struct Services {
  upstream::Client& upstream;
  access::Gate& gate;
  const HlsSettings& hls;
  const PublicIpSettings& public_ip;
  PublicIpCache& public_ip_cache;
  access::PublicAddress public_address;
};

}  // namespace sluice::routes
