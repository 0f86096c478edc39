#include "handlers.hpp"
#include "manifest_children.hpp"
#include "pass_through.hpp"
#include "playlist_edits.hpp"
#include "playlist_fetch.hpp"
#include "proxy_request.hpp"
#include "sluice/core/text.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/media/hls_rewrite.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::routes {
namespace {

/// A rewritten playlist may be this many times as large as the largest accepted.
constexpr std::size_t kMaxGrowth = 8;
/// Bytes of playlist rewritten in one go: about a millisecond in which the worker does nothing
/// else.
constexpr std::size_t kStep = std::size_t{128} * 1024;

awaitable<Result<>> send_playlist(server::Exchange& exchange, const ResponseEdits& edits,
                                  std::string_view text) {
  http::HeaderList headers;
  headers.add("Content-Type", "application/vnd.apple.mpegurl");
  headers.add("Content-Disposition", "inline");
  headers.add("Accept-Ranges", "none");
  // Its URLs may carry the password: no shared cache may keep it, no page may pass it on.
  headers.add("Cache-Control", "private, no-cache");
  headers.add("Referrer-Policy", "no-referrer");
  edits.apply_to(headers, true);
  co_return co_await exchange.send(200, std::move(headers), text);
}

hls::Variables imported_variables(const Query& query) {
  hls::Variables variables;
  for (const auto& [name, value] : query.parameters()) {
    if (name.starts_with(kVariablePrefix)) {
      variables.define(std::string_view(name).substr(kVariablePrefix.size()), value);
    }
  }
  return variables;
}

/// Rewrites in steps, between which the worker's other connections have their turn.
awaitable<Result<std::string>> rewrite(server::Exchange& exchange,
                                       media::PlaylistRewriter& rewriter) {
  net::Sleeper turns(exchange.worker().reactor());
  for (;;) {
    const auto done = rewriter.step(kStep);
    if (!done) co_return done.error();
    if (*done) co_return rewriter.take();
    co_await turns.yield();
  }
}

awaitable<Result<>> serve(server::Exchange& exchange, Services& services, bool key_only_route) {
  if (icontains(exchange.request().headers.value("Range"), "nan")) {
    co_return client_error(Errc::range_not_satisfiable);
  }
  auto wanted = parse_proxy_request(exchange);
  if (!wanted) co_return wanted.error();
  const auto& settings = services.hls;
  const auto& query = exchange.query();
  auto edits = PlaylistEdits::parse(query, settings);
  if (!edits) co_return edits.error();
  auto urls = manifest_children(exchange, services, key_only_route);
  if (!urls) co_return urls.error();

  PlaylistRequest request{wanted->upstream_request()};
  request.surely =
      query.flag("force_playlist_proxy") || hls::is_playlist_url(wanted->destination.text());
  request.request.headers.remove("Accept-Encoding");  // of a browser; only gzip could be read
  if (request.surely) request.request.headers.remove("Range");  // a playlist is rewritten whole
  auto fetched = co_await fetch_playlist(exchange, services, std::move(request));
  if (!fetched) {
    const auto& error = fetched.error();
    if (error.code != Errc::not_a_playlist || !settings.graceful_stream_end) co_return error;
    const auto ended = hls::ended_playlist(error.context);
    co_return co_await send_playlist(exchange, wanted->edits, ended);
  }
  if (!fetched->playlist) {
    PassThrough changes;
    changes.read_ahead = fetched->read;
    co_return co_await pass_through(exchange, services, *fetched->response, wanted->edits,
                                    std::move(changes));
  }
  media::HlsRewriteOptions options;
  options.max_output = kMaxGrowth * settings.max_playlist_bytes;
  const auto& [original, base] = *fetched->playlist;
  const auto edited = edits->apply_to(original, options.max_output);
  if (!edited) co_return edited.error();
  const std::string_view text = *edited ? std::string_view(**edited) : original;
  options.imported = imported_variables(query);
  options.decrypt = query.flag("decrypt");
  media::PlaylistRewriter rewriter(text, base, *urls, std::move(options));
  const auto rewritten = co_await rewrite(exchange, rewriter);
  if (!rewritten) co_return rewritten.error();
  co_return co_await send_playlist(exchange, wanted->edits, *rewritten);
}

}  // namespace

awaitable<Result<>> serve_hls_manifest(server::Exchange& exchange, Services& services) {
  return serve(exchange, services, false);
}

awaitable<Result<>> serve_hls_key_manifest(server::Exchange& exchange, Services& services) {
  return serve(exchange, services, true);
}

}  // namespace sluice::routes
