#pragma once

#include <string>
#include <string_view>

#include "sluice/core/encoding.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/media/hls_rewrite.hpp"

namespace sluice::media::test {

[[nodiscard]] inline std::string_view name_of(hls::Resource resource) {
  switch (resource) {
    case hls::Resource::playlist: return "playlist";
    case hls::Resource::segment: return "segment";
    case hls::Resource::map: return "map";
    case hls::Resource::key: return "key";
    case hls::Resource::data: return "data";
    case hls::Resource::asset: return "asset";
    case hls::Resource::assets: return "assets";
    case hls::Resource::steering: return "steering";
  }
  return "unknown";
}

/// Prints the absolute URL: what stays of a playlist when nothing is proxied.
class AbsoluteMapper final : public UrlMapper {
 public:
  void append_to(std::string& out, const UriTarget& target) const override { out += target.url; }
};

/// Prints everything the rewriter says about a URI, in a form like a proxied URL:
/// "http://p/segment.ts?in=media&tag=EXT-X-PART&d=https%3A%2F%2F...".
class DescribingMapper final : public UrlMapper {
 public:
  void append_to(std::string& out, const UriTarget& target) const override {
    out.append("http://p/").append(name_of(target.resource));
    if (target.resource != hls::Resource::playlist) {
      out.append(".").append(hls::segment_extension(target.url, target.resource));
    }
    out += target.found_in == hls::PlaylistKind::master ? "?in=master" : "?in=media";
    if (!target.tag.empty()) out.append("&tag=").append(target.tag);
    out += "&d=";
    form_encode_to(out, target.url);
  }
};

/// Prints the same text for every URI.
class FixedMapper final : public UrlMapper {
 public:
  explicit FixedMapper(std::string text) : text_(std::move(text)) {}
  void append_to(std::string& out, const UriTarget&) const override { out += text_; }

 private:
  std::string text_;
};

}  // namespace sluice::media::test
