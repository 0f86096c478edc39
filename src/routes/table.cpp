#include "sluice/routes/table.hpp"

#include "handlers.hpp"

namespace sluice::routes {

std::vector<server::Route> proxy_routes(Services& services) {
  using server::Access;
  using server::Methods;
  using Function = awaitable<Result<>> (*)(server::Exchange&, Services&);
  const auto with = [&services](Function function) -> server::Handler {
    return
        [&services, function](server::Exchange& exchange) { return function(exchange, services); };
  };
  return {
      {"/health", Access::open, serve_health},
      {"/health/ready", Access::open, with(serve_readiness)},
      {"/metrics", Access::password, with(serve_metrics)},
      {"/generate_url", Access::open, with(serve_generate_url), Methods::post},
      {"/proxy/generate_url", Access::open, with(serve_generate_url), Methods::post},
      {"/generate_urls", Access::open, with(serve_generate_urls), Methods::post},
      {"/generate_encrypted_or_encoded_url", Access::open, with(serve_generate_encoded_url),
       Methods::post},
      {"/base64/encode", Access::open, serve_base64_encode, Methods::get_or_post},
      {"/base64/decode", Access::open, serve_base64_decode, Methods::get_or_post},
      {"/base64/check", Access::open, serve_base64_check, Methods::get_or_post},
      {"/proxy/ip", Access::password, with(serve_public_ip)},
      {"/proxy/check", Access::reported, with(serve_check)},
      {"/proxy/stream", Access::password, with(serve_stream)},
      {"/proxy/stream/{filename}", Access::password, with(serve_stream)},
      {"/proxy/hls/manifest.m3u8", Access::password, with(serve_hls_manifest)},
      {"/proxy/hls/manifest", Access::password, with(serve_hls_manifest)},
      {"/proxy/hls/playlist.m3u8", Access::password, with(serve_hls_manifest)},
      {"/proxy/hls/playlist", Access::password, with(serve_hls_manifest)},
      {"/proxy/hls/key_proxy/manifest.m3u8", Access::password, with(serve_hls_key_manifest)},
      {"/proxy/hls/steering.json", Access::password, with(serve_hls_steering)},
      {"/proxy/hls/assets.json", Access::password, with(serve_hls_assets)},
      {"/proxy/hls/segment", Access::password, with(serve_hls_segment)},
      {"/proxy/hls/segment.{ext}", Access::password, with(serve_hls_segment)},
  };
}

}  // namespace sluice::routes
