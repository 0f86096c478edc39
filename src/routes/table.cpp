#include "sluice/routes/table.hpp"

#include "handlers.hpp"

namespace sluice::routes {

std::vector<server::Route> proxy_routes(Services& services) {
  using server::Access;
  using Function = awaitable<Result<>> (*)(server::Exchange&, Services&);
  const auto with = [&services](Function function) -> server::Handler {
    return
        [&services, function](server::Exchange& exchange) { return function(exchange, services); };
  };
  return {
      {"/health", Access::open, serve_health},
      {"/proxy/stream", Access::password, with(serve_stream)},
      {"/proxy/stream/{filename}", Access::password, with(serve_stream)},
      {"/proxy/hls/manifest.m3u8", Access::password, with(serve_hls_manifest)},
      {"/proxy/hls/manifest", Access::password, with(serve_hls_manifest)},
      {"/proxy/hls/playlist.m3u8", Access::password, with(serve_hls_manifest)},
      {"/proxy/hls/playlist", Access::password, with(serve_hls_manifest)},
      {"/proxy/hls/key_proxy/manifest.m3u8", Access::password, with(serve_hls_key_manifest)},
      {"/proxy/hls/segment", Access::password, with(serve_hls_segment)},
      {"/proxy/hls/segment.{ext}", Access::password, with(serve_hls_segment)},
  };
}

}  // namespace sluice::routes
