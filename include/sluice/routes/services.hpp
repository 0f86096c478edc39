#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "sluice/access/gate.hpp"
#include "sluice/access/public_base.hpp"
#include "sluice/core/metrics.hpp"
#include "sluice/routes/live_playlists.hpp"
#include "sluice/routes/public_ip_cache.hpp"
#include "sluice/routes/recent_cache.hpp"
#include "sluice/routes/settings.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::media {
class Mp4Protection;
}

namespace sluice::routes {

/// What the program tells of itself. Any thread.
struct ProgramState {
  const Metrics& metrics;
  const upstream::HostLimiter& limiter;
  const std::atomic<bool>& leaving;  ///< it has been told to stop, and still serves
};

/// What the routes of one worker use. Owned by the program; outlives every exchange.
struct Services {
  upstream::Client& upstream;
  access::Gate& gate;
  const HlsSettings& hls;
  const PublicIpSettings& public_ip;
  PublicIpCache& public_ip_cache;
  LivePlaylists& live_playlists;
  access::PublicAddress public_address;
  const ProgramState& program;
  RecentCache<std::string> segment_keys = {};
  /// What the maps of segments say of their encryption.
  RecentCache<std::shared_ptr<const media::Mp4Protection>, 64> segment_maps = {};
};

}  // namespace sluice::routes
