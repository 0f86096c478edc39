#include "sluice/app/generation.hpp"

#include "sluice/routes/table.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::app {

Generation::Generation(Settings from)
    : settings(std::move(from)),
      gate(settings.auth),
      transport(settings.upstream, settings.proxy),
      live_playlists(settings.hls.stale_playlist_bytes, settings.hls.stale_playlist) {}

/// The order is that of use.
struct Generations::PerWorker {
  PerWorker(net::Worker& worker, net::Resolver& resolver, upstream::HostLimiter& limiter,
            std::shared_ptr<Generation> from, const routes::ProgramState& program)
      : generation(std::move(from)),
        client(worker, resolver, generation->transport, limiter, generation->settings.upstream),
        services{client,
                 generation->gate,
                 generation->settings.hls,
                 generation->settings.public_ip,
                 generation->public_ip_cache,
                 generation->live_playlists,
                 {generation->settings.server.public_url, generation->settings.server.path},
                 program},
        serving{generation->settings.server,
                access::TrustedProxies::parse(generation->settings.server.trusted_proxies).value(),
                server::Router(routes::proxy_routes(services), generation->gate,
                               generation->settings.server.path)} {}

  std::shared_ptr<Generation> generation;
  upstream::Client client;
  routes::Services services;
  server::Serving serving;
};

Generations::Generations(net::WorkerPool& workers, net::Resolver& resolver,
                         upstream::HostLimiter& limiter, const routes::ProgramState& program)
    : workers_(workers),
      resolver_(resolver),
      limiter_(limiter),
      program_(program),
      current_(workers.size()) {}

server::ServingPtr Generations::make(std::size_t worker, std::shared_ptr<Generation> generation) {
  auto& current = current_[worker];
  if (const auto former = current.lock()) former->client.retire();
  auto made = std::make_shared<PerWorker>(workers_[worker], resolver_, limiter_,
                                          std::move(generation), program_);
  current = made;
  return {made, &made->serving};
}

}  // namespace sluice::app
