#include <fmt/format.h>

#include "child_urls.hpp"
#include "handlers.hpp"
#include "pass_through.hpp"
#include "proxy_request.hpp"
#include "sluice/access/public_base.hpp"
#include "sluice/core/text.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/http/content_coding.hpp"
#include "sluice/media/hls_rewrite.hpp"

namespace sluice::routes {
namespace {

/// A body whose first bytes are blank is looked into this far before it counts as no playlist.
constexpr std::size_t kMaxUndecided = 4096;

/// A rewritten playlist may be this many times as large as the largest accepted.
constexpr std::size_t kMaxGrowth = 8;

/// A body as far as it was needed to tell what it is.
struct Recognised {
  bool is_playlist = false;
  std::string bytes;  ///< the whole body of a playlist; what was read of anything else
};

/// Reads a playlist to its end, anything else only until it shows that it is none. `certain`: the
/// URL, the request or the Content-Type already said playlist.
awaitable<Result<Recognised>> recognise(upstream::ResponseBody& body, bool certain,
                                        std::size_t max_bytes) {
  Recognised found{certain, {}};
  for (bool decided = certain;;) {
    auto piece = co_await body.next();
    if (!piece) co_return piece.error();
    found.bytes.append(piece->data(), piece->size());
    if (!decided) {
      const auto sniffed = hls::sniff_playlist(found.bytes);
      found.is_playlist = sniffed == hls::Sniff::playlist;
      decided = sniffed != hls::Sniff::undecided || found.bytes.size() > kMaxUndecided;
    }
    if (piece->empty() || (decided && !found.is_playlist)) co_return found;
    if (found.bytes.size() > max_bytes) {
      co_return upstream_error(Errc::body_too_large,
                               fmt::format("a playlist of more than {} bytes (setting "
                                           "hls.max_playlist_bytes)",
                                           max_bytes));
    }
  }
}

bool has_playlist_type(const http::ResponseHead& head) {
  return icontains(head.headers.value("Content-Type"), "mpegurl");
}

Result<ChildUrls> child_urls(const server::Exchange& exchange, const Services& services,
                             bool key_only_route) {
  const auto& query = exchange.query();
  ChildUrls::Options options;
  if (query.flag("no_proxy")) {
    options.proxied = Proxied::none;
  } else if (key_only_route || query.flag("key_only_proxy")) {
    options.proxied = Proxied::keys_only;
  }
  options.add_key_only_flag = key_only_route;
  if (const auto key_url = query.get_nonempty("key_url")) {
    const auto url = Url::parse(*key_url);
    if (!url) return client_error(Errc::bad_request, "parameter key_url is not a URL");
    options.key_origin = url->origin();
  }
  const ChildUrls::Origin origin{
      access::public_base(exchange.request().headers, exchange.local_address(),
                          services.public_address),
      services.gate, exchange.authority()};
  return ChildUrls(origin, query, std::move(options));
}

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

awaitable<Result<>> send_rewritten(server::Exchange& exchange, const ProxyRequest& wanted,
                                   const Url& base, std::string_view body, bool key_only_route,
                                   const Services& services) {
  const auto& settings = services.hls;
  const auto kind = hls::classify_body(body);
  if (kind != hls::BodyKind::playlist) {
    if (!settings.graceful_stream_end) {
      co_return upstream_error(Errc::not_a_playlist, std::string(hls::describe(kind)));
    }
    co_return co_await send_playlist(exchange, wanted.edits,
                                     hls::ended_playlist(hls::describe(kind)));
  }
  auto urls = child_urls(exchange, services, key_only_route);
  if (!urls) co_return urls.error();
  auto rewritten =
      media::rewrite_playlist(body, base, *urls, {kMaxGrowth * settings.max_playlist_bytes});
  if (!rewritten) co_return rewritten.error();
  co_return co_await send_playlist(exchange, wanted.edits, *rewritten);
}

struct Fetched {
  std::unique_ptr<upstream::Response> response;
  Recognised body;
};

awaitable<Result<Fetched>> fetch_and_recognise(server::Exchange& exchange, Services& services,
                                               upstream::Request request, bool surely_playlist) {
  auto opened = co_await services.upstream.open(std::move(request), &exchange.cancel());
  if (!opened) co_return opened.error();
  auto& response = **opened;
  exchange.timings = {response.dial, response.first_byte};
  const auto status = response.head.status;
  if (status >= 300 || status == 204) co_return Fetched{*std::move(opened), {}};
  const bool certain = surely_playlist || has_playlist_type(response.head);
  auto body = co_await recognise(response.body, certain, services.hls.max_playlist_bytes);
  if (!body) co_return body.error();
  co_return Fetched{*std::move(opened), *std::move(body)};
}

awaitable<Result<>> serve(server::Exchange& exchange, Services& services, bool key_only_route) {
  if (icontains(exchange.request().headers.value("Range"), "nan")) {
    co_return client_error(Errc::range_not_satisfiable);
  }
  auto wanted = parse_proxy_request(exchange);
  if (!wanted) co_return wanted.error();
  const bool surely_playlist =
      exchange.query().flag("force_playlist_proxy") || hls::is_playlist_url(wanted->destination);
  auto request = wanted->upstream_request();
  request.headers.remove("Accept-Encoding");  // copied from a browser; only gzip could be read
  if (surely_playlist) request.headers.remove("Range");  // a playlist is rewritten whole

  auto fetched = co_await fetch_and_recognise(exchange, services, request, surely_playlist);
  if (fetched && fetched->body.is_playlist && fetched->response->head.status == 206) {
    // Asked for in part by a client that took it for a file.
    request.headers.remove("Range");
    fetched = co_await fetch_and_recognise(exchange, services, std::move(request), true);
  }
  if (!fetched) co_return fetched.error();
  auto& [response, body] = *fetched;
  if (!body.is_playlist) {
    PassThrough changes;
    changes.read_ahead = body.bytes;
    co_return co_await pass_through(exchange, services, *response, wanted->edits,
                                    std::move(changes));
  }
  auto text = http::decode_content(response->head.headers.value("Content-Encoding"),
                                   std::move(body.bytes), services.hls.max_playlist_bytes);
  if (!text) co_return text.error();
  co_return co_await send_rewritten(exchange, *wanted, response->final_url(), *text, key_only_route,
                                    services);
}

}  // namespace

awaitable<Result<>> serve_hls_manifest(server::Exchange& exchange, Services& services) {
  return serve(exchange, services, false);
}

awaitable<Result<>> serve_hls_key_manifest(server::Exchange& exchange, Services& services) {
  return serve(exchange, services, true);
}

}  // namespace sluice::routes
