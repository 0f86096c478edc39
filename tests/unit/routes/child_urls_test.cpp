#include "routes/child_urls.hpp"

#include <string>
#include <utility>

#include "sluice/core/encoding.hpp"
#include "support/catch.hpp"

namespace sluice::routes {
namespace {

constexpr std::string_view kBase = "http://p";

struct Child {
  std::string_view url;
  hls::Resource resource = hls::Resource::segment;
  std::string_view tag = {};
};

std::string child(std::string_view query, const Child& child, ChildUrls::Options options = {}) {
  const access::Gate gate{access::Settings()};
  const access::Authority anybody;
  const ChildUrls urls({std::string(kBase), gate, anybody}, Query::parse(query),
                       std::move(options));
  const auto url = Url::parse(child.url).value();
  std::string out = "before ";
  urls.append_to(out, {url.text(), child.resource, hls::PlaylistKind::media, child.tag});
  CHECK(out.starts_with("before "));
  return out.substr(7);
}

const Child kSegment{"https://cdn.example/dir/s1.ts"};
const Child kVariant{"https://cdn.example/v.m3u8", hls::Resource::playlist};
const Child kKey{"https://keys.example:444/k/1?x=y", hls::Resource::key, "EXT-X-KEY"};

ChildUrls::Options with(Proxied proxied) {
  ChildUrls::Options options;
  options.proxied = proxied;
  return options;
}

}  // namespace

TEST_CASE("ChildUrls carries the request's parameters in their order", "[routes][unit]") {
  const std::string_view query =
      "api_password=x&d=https%3A%2F%2Fcdn.example%2Fdir%2Fpl.m3u8&h_referer=r&r_a=1"
      "&rp_content-type=video%2Fmp2t&start_offset=-5&force_playlist_proxy=1&max_res=true";
  CHECK(child(query, kSegment) ==
        "http://p/proxy/hls/segment.ts?api_password=x"
        "&d=https%3A%2F%2Fcdn.example%2Fdir%2Fs1.ts&h_referer=r&rp_content-type=video%2Fmp2t");
  CHECK(child(query, kVariant) ==
        "http://p/proxy/hls/manifest.m3u8?api_password=x&d=https%3A%2F%2Fcdn.example%2Fv.m3u8"
        "&h_referer=r&rp_content-type=video%2Fmp2t&start_offset=-5&force_playlist_proxy=1"
        "&max_res=true");
}

TEST_CASE("ChildUrls gives each child the parameters that concern it", "[routes][unit]") {
  struct Row {
    const char* why;
    std::string query;
    std::string in_segment;   ///< behind d
    std::string in_manifest;  ///< behind d
  };
  const auto row = GENERATE(values<Row>({
      {"none", "d=1", "", ""},
      {"no d, for a destination in the path", "x=1", "", ""},
      {"request headers", "d=1&h_a=b", "&h_a=b", "&h_a=b"},
      {"the playlist's range", "d=1&h_range=bytes%3D0-", "", "&h_range=bytes%3D0-"},
      {"response headers of this response", "d=1&r_a=b&R_B=c", "", ""},
      {"response headers of segments", "d=1&rp_a=b&RP_B=c", "&rp_a=b&RP_B=c", "&rp_a=b&RP_B=c"},
      {"headers to drop", "d=1&x_headers=a%2Cb", "&x_headers=a%2Cb", "&x_headers=a%2Cb"},
      {"transformer", "d=1&transformer=ts_stream", "&transformer=ts_stream",
       "&transformer=ts_stream"},
      {"unknown", "d=1&foo=b+a%26r", "&foo=b+a%26r", "&foo=b+a%26r"},
      {"empty values", "d=1&key_id=&key=", "&key_id=&key=", "&key_id=&key="},
      {"quality", "d=1&max_res=1&resolution=720p", "", "&max_res=1&resolution=720p"},
      {"cuts", "d=1&skip=0-5&start_offset=1", "", "&skip=0-5&start_offset=1"},
      {"key source", "d=1&key_url=http%3A%2F%2Fk", "", "&key_url=http%3A%2F%2Fk"},
      {"what is proxied", "d=1&key_only_proxy=1&no_proxy=0", "", "&key_only_proxy=1&no_proxy=0"},
      {"forced playlist", "d=1&force_playlist_proxy=1", "", "&force_playlist_proxy=1"},
      {"marker of another server", "d=1&has_encrypted=1", "", ""},
      {"password", "d=1&api_password=p%2Fw", "&api_password=p%2Fw", "&api_password=p%2Fw"},
      {"d twice", "d=1&a=b&d=2&c=d", "&a=b&c=d", "&a=b&c=d"},
  }));
  INFO(row.why);
  if (row.query.starts_with("d=")) {
    CHECK(child(row.query, kSegment) ==
          "http://p/proxy/hls/segment.ts?d=https%3A%2F%2Fcdn.example%2Fdir%2Fs1.ts" +
              row.in_segment);
    CHECK(child(row.query, kVariant) ==
          "http://p/proxy/hls/manifest.m3u8?d=https%3A%2F%2Fcdn.example%2Fv.m3u8" +
              row.in_manifest);
  } else {
    CHECK(child(row.query, kSegment) ==
          "http://p/proxy/hls/segment.ts?x=1&d=https%3A%2F%2Fcdn.example%2Fdir%2Fs1.ts");
  }
}

TEST_CASE("ChildUrls drops the playlist's own range however it is spelled", "[routes][unit]") {
  for (const std::string name : {"h_range", "H_RANGE", "h_Range", "h_if-range", "H_If-Range"}) {
    INFO(name);
    CHECK(child("d=1&" + name + "=bytes%3D0-9", kSegment) ==
          "http://p/proxy/hls/segment.ts?d=https%3A%2F%2Fcdn.example%2Fdir%2Fs1.ts");
  }
}

TEST_CASE("ChildUrls names the endpoint and extension by what the URI addresses",
          "[routes][unit]") {
  struct Row {
    const char* why;
    Child child;
    std::string start;
  };
  const auto row = GENERATE(values<Row>({
      {"segment", {"http://o/a.ts"}, "segment.ts?"},
      {"fragment", {"http://o/a.m4s"}, "segment.m4s?"},
      {"fragment with a query", {"http://o/a.m4s?tok=1.ts"}, "segment.m4s?"},
      {"extension in the query only", {"http://o/a?f=b.mp4"}, "segment.ts?"},
      {"extension in capitals", {"http://o/A.MP4"}, "segment.mp4?"},
      {"audio", {"http://o/a.aac"}, "segment.aac?"},
      {"unknown extension", {"http://o/a.png"}, "segment.ts?"},
      {"no extension", {"http://o/a"}, "segment.ts?"},
      {"map", {"http://o/init", hls::Resource::map, "EXT-X-MAP"}, "segment.mp4?"},
      {"map that says otherwise",
       {"http://o/i.m4s", hls::Resource::map, "EXT-X-MAP"},
       "segment.m4s?"},
      {"key", {"http://o/k", hls::Resource::key, "EXT-X-KEY"}, "segment.ts?"},
      {"data", {"http://o/d.json", hls::Resource::data, "EXT-X-SESSION-DATA"}, "segment.ts?"},
      {"playlist", {"http://o/p", hls::Resource::playlist}, "manifest.m3u8?"},
      {"playlist of a tag",
       {"http://o/p", hls::Resource::playlist, "EXT-X-MEDIA"},
       "manifest.m3u8?"},
  }));
  INFO(row.why);
  CHECK(child("d=1", row.child).starts_with("http://p/proxy/hls/" + row.start));
}

TEST_CASE("ChildUrls takes no host for a folder of another", "[routes][unit]") {
  const access::Gate gate{access::Settings()};
  const access::Authority anybody;
  const ChildUrls urls({std::string(kBase), gate, anybody}, Query::parse("d=1"), {});
  for (const auto& [url, extension] : {std::pair("http://o", "ts"),
                                       {"http://o.mp4", "ts"},
                                       {"http://o.mp4/a.aac", "aac"},
                                       {"http://o.mp4/b", "ts"},
                                       {"http://o.mp4?c.aac", "ts"}}) {
    CAPTURE(url);
    std::string out;
    urls.append_to(out, {url, hls::Resource::segment, hls::PlaylistKind::media, {}});
    CHECK(out.starts_with("http://p/proxy/hls/segment." + std::string(extension) + "?"));
    CHECK(out.ends_with(form_encode(url)));
  }
}

TEST_CASE("ChildUrls leads past the proxy what is not to be proxied", "[routes][unit]") {
  struct Row {
    const char* why;
    Child child;
    bool direct_with_keys_only;
  };
  const auto row = GENERATE(values<Row>({
      {"segment line", {"http://o/a.ts"}, true},
      {"playlist line", {"http://o/p.m3u8", hls::Resource::playlist}, false},
      {"key", {"http://o/k", hls::Resource::key, "EXT-X-KEY"}, false},
      {"map", {"http://o/i", hls::Resource::map, "EXT-X-MAP"}, false},
      {"part of a segment", {"http://o/p.mp4", hls::Resource::segment, "EXT-X-PART"}, false},
      {"rendition", {"http://o/r", hls::Resource::playlist, "EXT-X-MEDIA"}, false},
  }));
  INFO(row.why);
  CHECK(child("d=1", row.child, with(Proxied::none)) == row.child.url);
  CHECK((child("d=1", row.child, with(Proxied::keys_only)) == row.child.url) ==
        row.direct_with_keys_only);
  CHECK(child("d=1", row.child).starts_with("http://p/proxy/hls/"));
}

TEST_CASE("ChildUrls tells child manifests of the key-only route, not segments", "[routes][unit]") {
  auto options = with(Proxied::keys_only);
  options.add_key_only_flag = true;
  CHECK(child("d=1&a=b", kVariant, options) ==
        "http://p/proxy/hls/manifest.m3u8?d=https%3A%2F%2Fcdn.example%2Fv.m3u8&a=b"
        "&key_only_proxy=true");
  CHECK(child("d=1&key_only_proxy=0", kVariant, options) ==
        "http://p/proxy/hls/manifest.m3u8?d=https%3A%2F%2Fcdn.example%2Fv.m3u8"
        "&key_only_proxy=true");
  CHECK(child("d=1", kKey, options).find("key_only_proxy") == std::string::npos);
}

TEST_CASE("ChildUrls replaces the origin of EXT-X-KEY only", "[routes][unit]") {
  ChildUrls::Options options;
  options.key_origin = "https://vault.test";
  CHECK(child("d=1", kKey, options) ==
        "http://p/proxy/hls/segment.ts?d=https%3A%2F%2Fvault.test%2Fk%2F1%3Fx%3Dy");
  for (const std::string_view tag : {"EXT-X-MAP", "EXT-X-SESSION-KEY", "EXT-X-PART", ""}) {
    INFO(tag);
    const Child other{"https://keys.example:444/k/1", hls::Resource::key, tag};
    CHECK(child("d=1", other, options).find("vault") == std::string::npos);
  }
  options.proxied = Proxied::none;
  CHECK(child("d=1", kKey, options) == "https://vault.test/k/1?x=y");
}

TEST_CASE("ChildUrls encodes so that nothing can break out of a playlist's line",
          "[routes][unit]") {
  const auto url = child("d=1&h_x=%22%0A%0D,%20%3C%23&%22%0A=v", kSegment);
  CHECK(url.find_first_of("\"\r\n \t,<#") == std::string::npos);
}

TEST_CASE("ChildUrls lead listed segments where content routing says", "[routes][unit]") {
  ChildUrls::Options direct;
  direct.routing = ContentRouting::direct;
  CHECK(child("d=1", kSegment, direct) == "https://cdn.example/dir/s1.ts");
  CHECK(child("d=1", kVariant, direct).starts_with("http://p/proxy/hls/manifest.m3u8?"));
  CHECK(child("d=1", kKey, direct).starts_with("http://p/proxy/hls/segment.ts?"));

  ChildUrls::Options stremio;
  stremio.routing = ContentRouting::stremio;
  CHECK(child("d=1", kSegment, stremio).starts_with("http://p/proxy/hls/segment.ts?"));
  stremio.stremio_proxy_url = "http://stremio:11470";
  CHECK(child("d=1&h_referer=https%3A%2F%2Fs%2F&r_x-y=a+b",
              {"https://cdn.example:81/dir/s1.ts?a=1&b=%2F"}, stremio) ==
        "http://stremio:11470/proxy/d=https%3A%2F%2Fcdn.example%3A81&h=referer%3Ahttps%3A%2F%2Fs%2F"
        "&r=x-y%3Aa+b/dir/s1.ts?a=1&b=%2F");
  CHECK(child("d=1", kVariant, stremio).starts_with("http://p/proxy/hls/manifest.m3u8?"));
}

TEST_CASE("ChildUrls do not end like a picture", "[routes][unit]") {
  CHECK(child("d=1", {"https://h/a.b/s.png"}) ==
        "http://p/proxy/hls/segment.ts?d=https%3A%2F%2Fh%2Fa.b%2Fs%2Epng");
  CHECK(child("d=1&x=1", {"https://h/s.png"}) ==
        "http://p/proxy/hls/segment.ts?d=https%3A%2F%2Fh%2Fs.png&x=1");
}

}  // namespace sluice::routes
