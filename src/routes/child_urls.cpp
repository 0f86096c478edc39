#include "child_urls.hpp"

#include <algorithm>
#include <array>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"
#include "sluice/hls/playlist.hpp"

namespace sluice::routes {
namespace {

using hls::Resource;

/// Parameters that mean something to a playlist only.
constexpr std::array<std::string_view, 9> kManifestOnly = {
    "decrypt",  "force_playlist_proxy", "key_only_proxy", "key_url",     "max_res",
    "no_proxy", "resolution",           "skip",           "start_offset"};
/// Times of the presentation; an interstitial is one of its own.
constexpr std::array<std::string_view, 2> kTimes = {"skip", "start_offset"};

bool is_response_header(std::string_view name) {
  return istarts_with(name, "r_");  // rp_ is another prefix, and carried on
}

/// The range of the playlist itself; h_ names are of any case.
bool is_range_header(std::string_view name) {
  return iequals(name, "h_range") || iequals(name, "h_if-range");
}

/// Of this request only: what a player asks a low-latency playlist for, a marker of another server,
/// and what is given anew to the children that need it.
bool is_of_request(std::string_view name) {
  return is_response_header(name) || name.starts_with("_HLS_") || name == "has_encrypted" ||
         name.starts_with(kVariablePrefix) || name.starts_with("decrypt_") || name == "byterange" ||
         name == "hold";
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// Of segments disguised as pictures: a player that takes the end of a URL for the extension would
/// hand them to its picture decoder.
bool is_picture_extension(std::string_view extension) {
  constexpr std::array<std::string_view, 8> kPictures = {"png", "jpg", "jpeg", "webp",
                                                         "gif", "bmp", "avif", "svg"};
  return std::any_of(kPictures.begin(), kPictures.end(),
                     [&](std::string_view picture) { return iequals(picture, extension); });
}

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
  form_encode_to(out, name);
  out += '=';
  form_encode_to(out, value);
}

/// Calls `add(name, value)` for what a child has to know beside the request's parameters.
template <class Add>
void for_each_extra(const media::UriTarget& target, Add add) {
  const bool is_playlist = target.resource == Resource::playlist;
  if (is_playlist && target.variables != nullptr) {
    for (const auto& [name, value] : *target.variables) {
      add(std::string(kVariablePrefix) + name, value);
    }
  }
  if (target.tag == "EXT-X-PART" || target.tag == "EXT-X-PRELOAD-HINT") add("hold", "1");
  if (target.decryption == nullptr) return;
  const auto& decryption = *target.decryption;
  const auto add_known = [&add](std::string_view name, std::string_view value) {
    if (!value.empty()) add(name, value);
  };
  add("decrypt_method", decryption.method);
  add_known("decrypt_key", decryption.key_url);
  add_known("decrypt_iv", decryption.iv);
  add_known("decrypt_map", decryption.map_url);
  add_known("decrypt_map_range", decryption.map_range);
  add_known("byterange", decryption.byte_range);
}

}  // namespace

ChildUrls::Endpoint ChildUrls::endpoint_of(Resource resource) noexcept {
  switch (resource) {
    case Resource::playlist: return Endpoint::manifest;
    case Resource::asset: return Endpoint::asset;
    case Resource::assets: return Endpoint::assets;
    case Resource::steering: return Endpoint::steering;
    case Resource::key:
    case Resource::data: return Endpoint::plain;
    case Resource::segment:
    case Resource::map: break;
  }
  return Endpoint::segment;
}

std::string_view ChildUrls::path_of(Endpoint endpoint) noexcept {
  switch (endpoint) {
    case Endpoint::manifest:
    case Endpoint::asset: return "/proxy/hls/manifest.m3u8";
    case Endpoint::steering: return "/proxy/hls/steering.json";
    case Endpoint::assets: return "/proxy/hls/assets.json";
    case Endpoint::segment:
    case Endpoint::plain: break;
  }
  return "/proxy/hls/segment";
}

Query ChildUrls::parameters_of(Endpoint endpoint, const Query& query) {
  const bool for_media = endpoint == Endpoint::segment || endpoint == Endpoint::plain;
  const bool for_assets = endpoint == Endpoint::asset || endpoint == Endpoint::assets;
  Query carried;
  for (const auto& [name, value] : query.parameters()) {
    if (is_of_request(name)) continue;
    if (for_media && (is_range_header(name) || is_one_of(name, kManifestOnly))) continue;
    if (for_assets && is_one_of(name, kTimes)) continue;
    // A transformer works on media; a key would not survive it.
    if (endpoint == Endpoint::plain && name == "transformer") continue;
    carried.append(name, value);
  }
  return carried;
}

ChildUrls::Template ChildUrls::make_template(std::string path, Query parameters) {
  Template made{std::move(path), "?", {}, {}};
  bool before = true;
  for (const auto& [name, value] : parameters.parameters()) {
    if (name == "d") {
      if (before) made.before += "d=";
      before = false;
      continue;
    }
    if (before) {
      append_parameter(made.before, name, value);
      made.before += '&';
    } else {
      made.after += '&';
      append_parameter(made.after, name, value);
    }
  }
  if (before) made.before += "d=";
  made.query = std::move(parameters);
  return made;
}

ChildUrls::ChildUrls(Origin origin, const Query& query, Options options)
    : origin_(std::move(origin)),
      options_(std::move(options)),
      hidden_(origin_.gate.hides(origin_.authority)) {
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    const auto endpoint = static_cast<Endpoint>(i);
    auto parameters = parameters_of(endpoint, query);
    if (options_.add_key_only_flag && endpoint == Endpoint::manifest) {
      parameters.set("key_only_proxy", "true");
    }
    templates_[i] =
        make_template(origin_.base + std::string(path_of(endpoint)), std::move(parameters));
  }
  // Another way would show what the tokens hide.
  if (hidden_) options_.routing = ContentRouting::mediaflow;
  if (options_.routing != ContentRouting::stremio) return;
  if (options_.stremio_proxy_url.empty()) options_.routing = ContentRouting::mediaflow;
  for (const auto& [name, value] : query.parameters()) {
    if (is_response_header(name)) response_headers_.append(name, value);
  }
}

std::size_t ChildUrls::usual_growth() const {
  if (options_.proxied != Proxied::all || options_.routing == ContentRouting::direct) return 0;
  constexpr std::size_t kTokenOverhead = 200;
  const auto& segment = templates_[static_cast<std::size_t>(Endpoint::segment)];
  const auto size = segment.path.size() + segment.before.size() + segment.after.size() + 48;
  return hidden_ ? 2 * size + kTokenOverhead : size;
}

bool ChildUrls::is_direct(const media::UriTarget& target) const {
  if (target.decryption != nullptr) return false;  // nobody else would decrypt it
  const bool is_listed = target.tag.empty() && target.resource == Resource::segment;
  switch (options_.proxied) {
    case Proxied::all: return is_listed && options_.routing == ContentRouting::direct;
    case Proxied::keys_only: return is_listed;
    case Proxied::none: break;
  }
  return true;
}

/// The URL of a key, where key_url says.
std::string ChildUrls::moved_key(std::string_view url) const {
  if (options_.key_origin.empty()) return std::string(url);
  const auto parts = split_url(url);
  auto moved = options_.key_origin;
  if (parts.path.empty()) moved += '/';
  return moved.append(url.substr(parts.authority.size()));
}

void ChildUrls::append_to(std::string& out, const media::UriTarget& target) const {
  const bool has_key = target.decryption != nullptr && !target.decryption->key_url.empty();
  if (has_key && !options_.key_origin.empty()) {
    const auto key = moved_key(target.decryption->key_url);
    auto decryption = *target.decryption;
    decryption.key_url = key;
    auto moved = target;
    moved.decryption = &decryption;
    return append_target(out, moved, target.url);
  }
  if (target.tag != "EXT-X-KEY") return append_target(out, target, target.url);
  const auto moved = moved_key(target.url);
  append_target(out, target, moved);
}

void ChildUrls::append_target(std::string& out, const media::UriTarget& target,
                              std::string_view url) const {
  const bool to_stremio = options_.proxied == Proxied::all &&
                          options_.routing == ContentRouting::stremio && target.tag.empty() &&
                          target.resource == Resource::segment && target.decryption == nullptr;
  if (is_direct(target)) {
    out += url;
  } else if (to_stremio) {
    append_stremio(out, url);
  } else if (hidden_) {
    append_hidden(out, target, url);
  } else {
    append_open(out, target, url);
  }
}

void ChildUrls::append_open(std::string& out, const media::UriTarget& target,
                            std::string_view url) const {
  const auto endpoint = endpoint_of(target.resource);
  const auto& parts = templates_[static_cast<std::size_t>(endpoint)];
  if (endpoint == Endpoint::segment) {
    append_segment(out, target, url);
  } else {
    out += parts.path;
    if (endpoint == Endpoint::plain) {
      out.append(".").append(hls::segment_extension(url, target.resource));
    }
    out += parts.before;
    form_encode_to(out, url);
  }
  out += parts.after;
  for_each_extra(target, [&out](std::string_view name, std::string_view value) {
    out += '&';
    append_parameter(out, name, value);
  });
}

/// Up to the value of `d`, and with it.
void ChildUrls::append_segment(std::string& out, const media::UriTarget& target,
                               std::string_view url) const {
  const auto& parts = templates_[static_cast<std::size_t>(Endpoint::segment)];
  // Without a path it is no folder but a host, with which another host's name may begin.
  if (!folder_.url.ends_with('/') || !url.starts_with(folder_.url)) {
    const auto [authority, path, query] = split_url(url);
    folder_ = {std::string(url.substr(0, authority.size() + path.rfind('/') + 1)), {}, {}};
  }
  const auto rest = url.substr(folder_.url.size());
  const auto path = rest.substr(0, rest.find('?'));
  const auto extension = hls::segment_extension_of_path(path, target.resource);
  if (folder_.extension != extension) {
    folder_.extension = extension;
    folder_.child = parts.path;
    folder_.child.append(".").append(extension).append(parts.before);
    form_encode_to(folder_.child, folder_.url);
  }
  out += folder_.child;
  // Some players go by the end of the whole URL, whatever our path says.
  const auto dot = parts.after.empty() ? rest.rfind('.') : rest.npos;
  if (dot != rest.npos && is_picture_extension(rest.substr(dot + 1))) {
    form_encode_to(out, rest.substr(0, dot));
    out += "%2E";
    form_encode_to(out, rest.substr(dot + 1));
  } else {
    form_encode_to(out, rest);
  }
}

void ChildUrls::append_hidden(std::string& out, const media::UriTarget& target,
                              std::string_view url) const {
  const auto endpoint = endpoint_of(target.resource);
  const auto& parts = templates_[static_cast<std::size_t>(endpoint)];
  const bool is_media = endpoint == Endpoint::segment || endpoint == Endpoint::plain;
  auto query = parts.query;
  query.set("d", std::string(url));
  for_each_extra(target, [&query](std::string_view name, std::string_view value) {
    query.set(name, std::string(value));
  });
  // It opens nothing else: fetched as a segment, a playlist would show what the token hides.
  const auto token = origin_.gate.derived_token(origin_.authority, std::move(query),
                                                std::string(path_of(endpoint)));
  out.append(origin_.base).append("/_token_").append(token).append(path_of(endpoint));
  if (is_media) out.append(".").append(hls::segment_extension(url, target.resource));
}

/// As that server takes it: origin and headers in the path, the rest of the URL as it is.
void ChildUrls::append_stremio(std::string& out, std::string_view url) const {
  const auto parts = split_url(url);
  const auto add_headers = [&out](const Query& query, std::string_view prefix, char name_of_list) {
    for (const auto& [name, value] : query.parameters()) {
      if (!istarts_with(name, prefix)) continue;
      out += '&';
      out += name_of_list;
      out += '=';
      form_encode_to(out, name.substr(prefix.size()) + ":" + value);
    }
  };
  out.append(options_.stremio_proxy_url).append("/proxy/d=");
  form_encode_to(out, parts.authority);
  add_headers(templates_[static_cast<std::size_t>(Endpoint::segment)].query, "h_", 'h');
  add_headers(response_headers_, "r_", 'r');
  out += parts.path.empty() ? std::string_view("/") : parts.path;
  if (!parts.query.empty()) out.append("?").append(parts.query);
}

}  // namespace sluice::routes
