#pragma once

#include "sluice/routes/services.hpp"
#include "sluice/server/exchange.hpp"

namespace sluice::routes {

/// GET /health: {"status":"healthy"} while the server runs.
[[nodiscard]] awaitable<Result<>> serve_health(server::Exchange& exchange);

/// GET /proxy/stream[/{filename}]: any resource, byte for byte, with ranges.
[[nodiscard]] awaitable<Result<>> serve_stream(server::Exchange& exchange, Services& services);

/// GET /proxy/hls/manifest.m3u8 and its aliases: a playlist with every URI pointing back here;
/// anything else passes unchanged.
[[nodiscard]] awaitable<Result<>> serve_hls_manifest(server::Exchange& exchange,
                                                     Services& services);
/// GET /proxy/hls/key_proxy/manifest.m3u8: the same with key_only_proxy.
[[nodiscard]] awaitable<Result<>> serve_hls_key_manifest(server::Exchange& exchange,
                                                         Services& services);

/// GET /proxy/hls/segment.{ext}: one media segment, initialisation section or key.
[[nodiscard]] awaitable<Result<>> serve_hls_segment(server::Exchange& exchange, Services& services);

}  // namespace sluice::routes
