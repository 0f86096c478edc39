#include "child_urls.hpp"

#include <algorithm>
#include <array>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"
#include "sluice/hls/playlist.hpp"

namespace sluice::routes {
namespace {

constexpr std::string_view kHlsPaths = "/proxy/hls";
constexpr std::string_view kManifestPath = "/proxy/hls/manifest.m3u8";
constexpr std::string_view kSegmentPath = "/proxy/hls/segment";

/// Parameters that mean something to a playlist only.
constexpr std::array<std::string_view, 8> kManifestOnly = {
    "force_playlist_proxy", "key_only_proxy", "key_url",     "max_res", "no_proxy",
    "resolution",           "skip",           "start_offset"};

bool is_response_header(std::string_view name) {
  return istarts_with(name, "r_");  // rp_ is another prefix, and carried on
}

/// The range of the playlist itself; h_ names are of any case.
bool is_range_header(std::string_view name) {
  return iequals(name, "h_range") || iequals(name, "h_if-range");
}

Query manifest_parameters(const Query& query) {
  Query carried;
  for (const auto& [name, value] : query.parameters()) {
    if (!is_response_header(name)) carried.append(name, value);
  }
  carried.remove("has_encrypted");  // a marker of another server's; no input here
  return carried;
}

Query segment_parameters(const Query& query) {
  const auto for_manifests = manifest_parameters(query);
  Query carried;
  for (const auto& [name, value] : for_manifests.parameters()) {
    if (!is_range_header(name)) carried.append(name, value);
  }
  for (const auto name : kManifestOnly) carried.remove(name);
  return carried;
}

}  // namespace

ChildUrls::Template ChildUrls::make_template(std::string start, const Query& parameters) {
  Template made{std::move(start), {}};
  bool before = true;
  made.before += '?';
  for (const auto& [name, value] : parameters.parameters()) {
    if (name == "d") {
      if (before) made.before += "d=";
      before = false;
      continue;
    }
    auto& part = before ? made.before : made.after;
    if (!before) part += '&';
    form_encode_to(part, name);
    part += '=';
    form_encode_to(part, value);
    if (before) part += '&';
  }
  if (before) made.before += "d=";
  return made;
}

ChildUrls::ChildUrls(Origin origin, const Query& query, Options options)
    : origin_(std::move(origin)),
      options_(std::move(options)),
      hidden_(origin_.gate.hides(origin_.authority)) {
  auto for_manifests = manifest_parameters(query);
  if (options_.add_key_only_flag) for_manifests.set("key_only_proxy", "true");
  auto for_segments = segment_parameters(query);
  if (hidden_) {
    manifest_query_ = std::move(for_manifests);
    segment_query_ = std::move(for_segments);
    return;
  }
  segment_start_ = origin_.base + std::string(kSegmentPath) + '.';
  manifest_ = make_template(origin_.base + std::string(kManifestPath), for_manifests);
  segment_ = make_template({}, for_segments);
}

bool ChildUrls::is_direct(const media::UriTarget& target) const {
  switch (options_.proxied) {
    case Proxied::all: return false;
    case Proxied::keys_only: return target.tag.empty() && target.resource == hls::Resource::segment;
    case Proxied::none: break;
  }
  return true;
}

void ChildUrls::append_to(std::string& out, const media::UriTarget& target) const {
  std::string moved;
  if (!options_.key_origin.empty() && target.tag == "EXT-X-KEY") {
    moved = options_.key_origin + target.url.target();
  }
  const std::string_view url = moved.empty() ? std::string_view(target.url.text()) : moved;
  if (is_direct(target)) {
    out += url;
  } else if (hidden_) {
    append_hidden(out, target, url);
  } else if (target.resource == hls::Resource::playlist) {
    out += manifest_.before;
    form_encode_to(out, url);
    out += manifest_.after;
  } else {
    out.append(segment_start_)
        .append(hls::segment_extension(target.url, target.resource))
        .append(segment_.before);
    form_encode_to(out, url);
    out += segment_.after;
  }
}

void ChildUrls::append_hidden(std::string& out, const media::UriTarget& target,
                              std::string_view url) const {
  const bool playlist = target.resource == hls::Resource::playlist;
  auto query = playlist ? manifest_query_ : segment_query_;
  query.set("d", std::string(url));
  // A segment's token opens no playlist, a playlist's token everything that one leads to.
  const auto scope = playlist ? kHlsPaths : kSegmentPath;
  const auto token =
      origin_.gate.derived_token(origin_.authority, std::move(query), std::string(scope));
  out.append(origin_.base).append("/_token_").append(token);
  if (playlist) {
    out.append(kManifestPath);
  } else {
    out.append(kSegmentPath)
        .append(".")
        .append(hls::segment_extension(target.url, target.resource));
  }
}

}  // namespace sluice::routes
