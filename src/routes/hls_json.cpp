#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "handlers.hpp"
#include "manifest_children.hpp"
#include "pass_through.hpp"
#include "playlist_fetch.hpp"
#include "proxy_request.hpp"
#include "sluice/core/log.hpp"
#include "sluice/http/content_coding.hpp"

namespace sluice::routes {
namespace {

namespace json = boost::json;

/// Steering manifests and lists of interstitials are small.
constexpr std::size_t kMaxBytes = std::size_t{1024} * 1024;

/// Replaces the URIs in a JSON document of HLS.
class JsonRewriter {
 public:
  JsonRewriter(const Url& base, const ChildUrls& urls) : base_(base), urls_(urls) {}

  /// RFC 8216bis, 7.1.
  void steering(json::object& manifest) {
    replace(manifest, "RELOAD-URI", hls::Resource::steering);
    auto* clones = array_of(manifest, "PATHWAY-CLONES");
    if (clones == nullptr) return;
    for (auto clone = clones->begin(); clone != clones->end();) {
      clone = pathway_clone(*clone) ? clone + 1 : clones->erase(clone);
    }
  }

  /// RFC 8216bis, D.2.
  void assets(json::object& list) {
    auto* assets = array_of(list, "ASSETS");
    if (assets == nullptr) return;
    for (auto& asset : *assets) {
      if (asset.is_object()) replace(asset.get_object(), "URI", hls::Resource::asset);
    }
  }

 private:
  static json::array* array_of(json::object& object, std::string_view name) {
    auto* value = object.if_contains(name);
    return value != nullptr ? value->if_array() : nullptr;
  }

  void replace(json::object& object, std::string_view name, hls::Resource resource) {
    auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return;
    const auto url = base_.resolve(std::string_view(value->get_string()));
    if (!url) return;
    std::string replaced;
    urls_.append_to(replaced, {url->text(), resource, hls::PlaylistKind::master, "JSON"});
    *value = replaced;
  }

  /// False for a clone that cannot be offered: its host and parameters are put by the player into
  /// our URLs, in which they mean nothing.
  bool pathway_clone(json::value& clone) {
    if (!clone.is_object()) return true;
    auto* replacement = clone.get_object().if_contains("URI-REPLACEMENT");
    if (replacement == nullptr || !replacement->is_object()) return true;
    auto& uris = replacement->get_object();
    for (const std::string_view list : {"PER-VARIANT-URIS", "PER-RENDITION-URIS"}) {
      auto* per_stream = uris.if_contains(list);
      if (per_stream == nullptr || !per_stream->is_object()) continue;
      std::vector<std::string> names;
      for (const auto& entry : per_stream->get_object()) names.emplace_back(entry.key());
      for (const auto& name : names) {
        replace(per_stream->get_object(), name, hls::Resource::playlist);
      }
    }
    return !uris.contains("HOST") && !uris.contains("PARAMS");
  }

  const Url& base_;
  const ChildUrls& urls_;
};

awaitable<Result<std::string>> read_all(upstream::Response& response) {
  std::string text;
  for (;;) {
    auto piece = co_await response.body.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    text.append(piece->data(), piece->size());
    if (text.size() > kMaxBytes) {
      co_return upstream_error(Errc::body_too_large, "a JSON document of more than 1 MiB");
    }
  }
  co_return http::decode_content(response.head.headers.value("Content-Encoding"), std::move(text),
                                 kMaxBytes);
}

awaitable<Result<>> serve(server::Exchange& exchange, Services& services,
                          void (JsonRewriter::*rewrite)(json::object&)) {
  auto wanted = parse_proxy_request(exchange);
  if (!wanted) co_return wanted.error();
  auto urls = manifest_children(exchange, services, false);
  if (!urls) co_return urls.error();
  auto request = wanted->upstream_request();
  request.headers.remove("Accept-Encoding");
  request.headers.remove("Range");
  if (auto passed = pass_directives(exchange.query(), request.url); !passed) {
    co_return passed.error();
  }
  // A HEAD's answer is that of the GET, of which the length is not known before.
  auto response = co_await services.upstream.open(std::move(request), &exchange.cancel());
  if (!response) co_return response.error();
  exchange.timings = {(*response)->dial, (*response)->first_byte};
  if ((*response)->head.status >= 400) co_return co_await pass_error(exchange, **response);
  const auto text = co_await read_all(**response);
  if (!text) co_return text.error();

  boost::system::error_code ec;
  auto document = json::parse(*text, ec);
  if (ec.failed() || !document.is_object()) {
    co_return upstream_error(Errc::bad_response, "JSON was expected");
  }
  JsonRewriter rewriter((*response)->final_url(), *urls);
  (rewriter.*rewrite)(document.get_object());
  http::HeaderList headers;
  headers.add("Content-Type", "application/json");
  headers.add("Cache-Control", "private, no-cache");
  headers.add("Referrer-Policy", "no-referrer");
  wanted->edits.apply_to(headers, true);
  const auto body = json::serialize(document);
  co_return co_await exchange.send(200, std::move(headers), body);
}

}  // namespace

awaitable<Result<>> serve_hls_steering(server::Exchange& exchange, Services& services) {
  return serve(exchange, services, &JsonRewriter::steering);
}

awaitable<Result<>> serve_hls_assets(server::Exchange& exchange, Services& services) {
  return serve(exchange, services, &JsonRewriter::assets);
}

}  // namespace sluice::routes
