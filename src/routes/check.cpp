#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <optional>

#include "diagnosis.hpp"
#include "handlers.hpp"
#include "json_fields.hpp"
#include "proxy_request.hpp"
#include "sluice/core/text.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/http/content_coding.hpp"
#include "sluice/http/response_head.hpp"
#include "sluice/media/hls_rewrite.hpp"
#include "sluice/net/time_limit.hpp"
#include "sluice/server/error_reply.hpp"

namespace sluice::routes {
namespace {

/// For all fetches of one check together; a person waits for it.
constexpr auto kPatience = std::chrono::seconds(30);
/// Of anything that is no playlist, only its beginning is looked at.
constexpr std::size_t kLookAt = 4096;
constexpr std::size_t kAesKeyBytes = 16;

/// Notes where a playlist leads.
class Collector final : public media::UrlMapper {
 public:
  void append_to(std::string&, const media::UriTarget& target) const override {
    auto& slot = slot_of(target);
    if (!slot) slot = Url::parse(target.url).value();
    if (target.resource == hls::Resource::playlist) ++playlists;
    if (target.resource == hls::Resource::segment) ++segments;
  }

  mutable std::optional<Url> playlist, key, segment, other;  ///< the first of each
  mutable unsigned playlists = 0;
  mutable unsigned segments = 0;

 private:
  [[nodiscard]] std::optional<Url>& slot_of(const media::UriTarget& target) const {
    switch (target.resource) {
      case hls::Resource::playlist: return playlist;
      case hls::Resource::key: return key;
      case hls::Resource::segment: return segment;
      default: return other;
    }
  }
};

/// One check under way.
struct Check {
  server::Exchange& exchange;
  Services& services;
  net::CancelSignal& signal;
  Diagnosis& diagnosis;
  const http::HeaderList& headers;  ///< for the origin
};

struct Fetched {
  std::string body;  ///< as far as it was read
  Url final_url;
};

/// Fetches and reports every step of that; nullopt when one failed. `what` is what is fetched, in
/// words.
awaitable<std::optional<Fetched>> fetch_step(const Check& check, std::string_view what, Url url,
                                             std::size_t max_bytes) {
  const bool https = url.is_https();
  upstream::Request request{http::Method::get, std::move(url), check.headers};
  auto response = co_await check.services.upstream.open(std::move(request), &check.signal);
  if (!response) {
    report_failure(check.diagnosis, what, response.error(), https);
    co_return std::nullopt;
  }
  report_way(check.diagnosis, what, **response);
  const auto status = (*response)->head.status;
  if (status >= 300) co_return std::nullopt;
  Fetched fetched{{}, (*response)->final_url()};
  while (fetched.body.size() < max_bytes) {
    const auto piece = co_await (*response)->body.next();
    if (!piece) {
      check.diagnosis.add(fmt::format("{}: body", what), false, server::message_of(piece.error()));
      co_return std::nullopt;
    }
    if (piece->empty()) break;
    fetched.body.append(piece->data(), piece->size());
    const bool playlist = hls::sniff_playlist(fetched.body) == hls::Sniff::playlist;
    if (!playlist && fetched.body.size() >= kLookAt) break;
  }
  auto text = http::decode_content((*response)->head.headers.value("Content-Encoding"),
                                   fetched.body, max_bytes);
  if (text) fetched.body = *std::move(text);
  co_return fetched;
}

awaitable<void> check_key(const Check& check, const std::optional<Url>& url) {
  if (!url) co_return;
  const auto key = co_await fetch_step(check, "key", *url, kLookAt);
  if (!key) co_return;
  const auto size = key->body.size();
  check.diagnosis.add("key: size", size == kAesKeyBytes,
                      fmt::format("{} bytes; AES-128 and SAMPLE-AES keys have {}",
                                  size < kLookAt ? fmt::to_string(size) : "many", kAesKeyBytes));
}

/// Follows a playlist to its first variant, key and segment.
awaitable<void> check_playlist(const Check& check, Fetched fetched) {
  const auto max_bytes = check.services.hls.max_playlist_bytes;
  for (int depth = 0;; ++depth) {
    const Collector found;
    const bool master = hls::is_master(fetched.body);
    if (!media::rewrite_playlist(fetched.body, fetched.final_url, found)) co_return;
    const bool leads_on = master ? found.playlists > 0 : found.segments > 0;
    const auto name = depth == 0 ? "playlist" : "variant: playlist";
    check.diagnosis.add(
        name, leads_on,
        master ? fmt::format("A master playlist that leads to {} others", found.playlists)
               : fmt::format("A {} playlist of {} segments",
                             hls::is_live(fetched.body) ? "live" : "finished", found.segments));
    if (!master || !found.playlist || depth > 0) {
      co_await check_key(check, found.key);
      if (found.segment) {
        static_cast<void>(co_await fetch_step(check, "segment", *found.segment, 1));
      }
      co_return;
    }
    auto variant = co_await fetch_step(check, "variant", *found.playlist, max_bytes);
    if (!variant) co_return;
    fetched = *std::move(variant);
  }
}

awaitable<void> check_destination(server::Exchange& exchange, Services& services,
                                  Diagnosis& diagnosis) {
  auto wanted = parse_proxy_request(exchange);
  if (!wanted) {
    diagnosis.add("destination", false, server::message_of(wanted.error()));
    co_return;
  }
  diagnosis.add("destination", true, "Parameter d is a URL");
  const auto headers = wanted->upstream_headers;
  net::TimeLimit limit(exchange.worker(), kPatience, &exchange.cancel());
  const Check check{exchange, services, limit.signal(), diagnosis, headers};
  auto fetched = co_await fetch_step(check, "origin", std::move(wanted->destination),
                                     services.hls.max_playlist_bytes);
  if (!fetched) co_return;
  if (hls::classify_body(fetched->body) == hls::BodyKind::playlist) {
    co_await check_playlist(check, *std::move(fetched));
  }
}

bool wants_text(const server::Exchange& exchange) {
  const auto format = exchange.query().get_nonempty("format");
  if (format) return iequals(*format, "text");
  return icontains(exchange.request().headers.value("Accept"), "text/plain");
}

}  // namespace

awaitable<Result<>> serve_check(server::Exchange& exchange, Services& services) {
  Diagnosis diagnosis;
  report_access(diagnosis, exchange);
  if (!exchange.refusal()) co_await check_destination(exchange, services, diagnosis);

  http::HeaderList headers;
  headers.add("Cache-Control", "no-store");
  if (wants_text(exchange)) {
    headers.add("Content-Type", "text/plain; charset=utf-8");
    const auto text = diagnosis.text();
    co_return co_await exchange.send(200, std::move(headers), text);
  }
  const auto answer = diagnosis.json();
  co_return co_await send_json(exchange, answer);
}

}  // namespace sluice::routes
