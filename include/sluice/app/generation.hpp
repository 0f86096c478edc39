#pragma once

#include <memory>
#include <vector>

#include "sluice/access/gate.hpp"
#include "sluice/app/settings.hpp"
#include "sluice/net/resolver.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/routes/public_ip_cache.hpp"
#include "sluice/routes/services.hpp"
#include "sluice/server/serving.hpp"
#include "sluice/upstream/host_limiter.hpp"
#include "sluice/upstream/transport.hpp"

namespace sluice::app {

/// What all workers share of one state of the settings. Replaced as a whole when they are loaded
/// again; lives as long as a request that began with it.
struct Generation {
  explicit Generation(Settings from);

  const Settings settings;
  access::Gate gate;
  upstream::Transport transport;
  routes::PublicIpCache public_ip_cache;
  routes::LivePlaylists live_playlists;
};

/// Makes what each worker answers requests with, and takes it out of use when it is replaced.
class Generations {
 public:
  /// The arguments outlive this and everything made.
  Generations(net::WorkerPool& workers, net::Resolver& resolver, upstream::HostLimiter& limiter,
              const routes::ProgramState& program);

  /// On the worker's thread, or before it runs. Connections that the former one keeps for further
  /// requests are closed.
  [[nodiscard]] server::ServingPtr make(std::size_t worker, std::shared_ptr<Generation> generation);

 private:
  struct PerWorker;

  net::WorkerPool& workers_;
  net::Resolver& resolver_;
  upstream::HostLimiter& limiter_;
  const routes::ProgramState& program_;
  std::vector<std::weak_ptr<PerWorker>> current_;  ///< each touched on its worker's thread
};

}  // namespace sluice::app
