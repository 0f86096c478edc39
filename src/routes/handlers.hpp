#pragma once

#include "sluice/routes/services.hpp"
#include "sluice/server/exchange.hpp"

namespace sluice::routes {

/// GET /health: {"status":"healthy"} while the server runs.
[[nodiscard]] awaitable<Result<>> serve_health(server::Exchange& exchange);

/// POST /generate_url: a URL of this proxy from its parts, with a token when there is a password in
/// them.
[[nodiscard]] awaitable<Result<>> serve_generate_url(server::Exchange& exchange,
                                                     Services& services);
/// POST /generate_encrypted_or_encoded_url: the same under an older name.
[[nodiscard]] awaitable<Result<>> serve_generate_encoded_url(server::Exchange& exchange,
                                                             Services& services);
/// POST /generate_urls: many at once.
[[nodiscard]] awaitable<Result<>> serve_generate_urls(server::Exchange& exchange,
                                                      Services& services);

/// GET /proxy/ip: {"ip": the address origins see}.
[[nodiscard]] awaitable<Result<>> serve_public_ip(server::Exchange& exchange, Services& services);

/// GET /proxy/check?d=...: which step to a stream works and which fails, in words.
[[nodiscard]] awaitable<Result<>> serve_check(server::Exchange& exchange, Services& services);

/// /base64/encode, /base64/decode, /base64/check: parameters in the query or in a JSON body.
[[nodiscard]] awaitable<Result<>> serve_base64_encode(server::Exchange& exchange);
[[nodiscard]] awaitable<Result<>> serve_base64_decode(server::Exchange& exchange);
[[nodiscard]] awaitable<Result<>> serve_base64_check(server::Exchange& exchange);

/// GET /health/ready: 200 {"status":"ready"}, or 503 {"status":"draining"} once the server has been
/// told to stop.
[[nodiscard]] awaitable<Result<>> serve_readiness(server::Exchange& exchange, Services& services);

/// GET /metrics: what was counted, in JSON or in Prometheus' text format.
[[nodiscard]] awaitable<Result<>> serve_metrics(server::Exchange& exchange, Services& services);

/// GET /proxy/stream[/{filename}]: any resource, byte for byte, with ranges.
[[nodiscard]] awaitable<Result<>> serve_stream(server::Exchange& exchange, Services& services);

/// GET /proxy/hls/manifest.m3u8 and its aliases: a playlist with every URI pointing back here;
/// anything else passes unchanged.
[[nodiscard]] awaitable<Result<>> serve_hls_manifest(server::Exchange& exchange,
                                                     Services& services);
/// GET /proxy/hls/key_proxy/manifest.m3u8: the same with key_only_proxy.
[[nodiscard]] awaitable<Result<>> serve_hls_key_manifest(server::Exchange& exchange,
                                                         Services& services);

/// GET /proxy/hls/steering.json: a content steering manifest that leads back here.
[[nodiscard]] awaitable<Result<>> serve_hls_steering(server::Exchange& exchange,
                                                     Services& services);
/// GET /proxy/hls/assets.json: a list of interstitials that leads back here.
[[nodiscard]] awaitable<Result<>> serve_hls_assets(server::Exchange& exchange, Services& services);

/// GET /proxy/hls/segment.{ext}: one media segment, initialisation section or key.
[[nodiscard]] awaitable<Result<>> serve_hls_segment(server::Exchange& exchange, Services& services);

}  // namespace sluice::routes
