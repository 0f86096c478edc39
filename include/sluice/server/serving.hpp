#pragma once

#include <memory>

#include "sluice/access/trusted_proxies.hpp"
#include "sluice/server/router.hpp"
#include "sluice/server/settings.hpp"

namespace sluice::server {

/// What the requests of one worker are answered with. Replaced as a whole when the settings change;
/// a request keeps the one it began with. One thread: the worker's.
struct Serving {
  Settings settings;
  access::TrustedProxies trusted_proxies;
  Router router;
};
using ServingPtr = std::shared_ptr<const Serving>;

}  // namespace sluice::server
