#include "sluice/hls/uri_table.hpp"

#include "support/catch.hpp"

using namespace sluice::hls;

TEST_CASE("find_uri_attribute says what an attribute addresses", "[hls][unit]") {
  struct Row {
    const char* why;
    Tag tag;
    std::string_view attribute;
    Resource resource;
    PlaylistKind found_in;
  };
  using enum Resource;
  using enum PlaylistKind;
  const Row rows[] = {
      {"rendition", {"EXT-X-MEDIA", ""}, "URI", playlist, master},
      {"trick play", {"EXT-X-I-FRAME-STREAM-INF", ""}, "URI", playlist, master},
      {"thumbnails", {"EXT-X-IMAGE-STREAM-INF", ""}, "URI", playlist, master},
      {"key", {"EXT-X-KEY", ""}, "URI", key, media},
      {"key ahead of time", {"EXT-X-SESSION-KEY", ""}, "URI", key, master},
      {"session data", {"EXT-X-SESSION-DATA", ""}, "URI", data, master},
      {"map", {"EXT-X-MAP", ""}, "URI", map, media},
      {"part", {"EXT-X-PART", ""}, "URI", segment, media},
      {"hint at a part", {"EXT-X-PRELOAD-HINT", "TYPE=PART,URI=\"x\""}, "URI", segment, media},
      {"hint at a map", {"EXT-X-PRELOAD-HINT", "URI=\"x\",TYPE=MAP"}, "URI", map, media},
      {"other rendition's state", {"EXT-X-RENDITION-REPORT", ""}, "URI", playlist, media},
      {"steering", {"EXT-X-CONTENT-STEERING", ""}, "SERVER-URI", steering, master},
      {"interstitial", {"EXT-X-DATERANGE", ""}, "X-ASSET-URI", asset, media},
      {"interstitials", {"EXT-X-DATERANGE", ""}, "X-ASSET-LIST", assets, media},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(has_uri_attribute(row.tag.name));
    const UriAttribute* found = find_uri_attribute(row.tag, row.attribute);
    REQUIRE(found != nullptr);
    CHECK(found->resource == row.resource);
    CHECK(found->found_in == row.found_in);
  }
}

TEST_CASE("find_uri_attribute knows no others", "[hls][unit]") {
  struct Row {
    const char* why;
    Tag tag;
    std::string_view attribute;
  };
  const Row rows[] = {
      {"unknown tag", {"EXT-X-NEW", ""}, "URI"},
      {"tag in lower case", {"ext-x-key", ""}, "URI"},
      {"other attribute", {"EXT-X-MEDIA", ""}, "NAME"},
      {"attribute that ends alike", {"EXT-X-MEDIA", ""}, "SERVER-URI"},
      {"plain URI of a date range", {"EXT-X-DATERANGE", ""}, "URI"},
      {"hint of an unknown type", {"EXT-X-PRELOAD-HINT", "TYPE=NEW"}, "URI"},
      {"hint without type", {"EXT-X-PRELOAD-HINT", ""}, "URI"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(find_uri_attribute(row.tag, row.attribute) == nullptr);
  }
  CHECK_FALSE(has_uri_attribute("EXTINF"));
  CHECK_FALSE(has_uri_attribute("EXT-X-STREAM-INF"));
}

TEST_CASE("find_uri_line_tag says what the next URI line is", "[hls][unit]") {
  CHECK(find_uri_line_tag("EXT-X-STREAM-INF")->resource == Resource::playlist);
  CHECK(find_uri_line_tag("EXT-X-STREAM-INF")->found_in == PlaylistKind::master);
  CHECK(find_uri_line_tag("EXTINF")->resource == Resource::segment);
  CHECK(find_uri_line_tag("EXT-X-I-FRAME-STREAM-INF") == nullptr);
  CHECK(find_uri_line_tag("EXT-X-BYTERANGE") == nullptr);
}

TEST_CASE("is_plain_key leaves DRM alone", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view attributes;
    bool plain;
  };
  const Row rows[] = {
      {"no key format", R"(METHOD=AES-128,URI="k")", true},
      {"identity", R"(METHOD=SAMPLE-AES,URI="k",KEYFORMAT="identity")", true},
      {"identity without quotes", R"(METHOD=AES-128,URI="k",KEYFORMAT=identity)", true},
      {"empty key format", R"(METHOD=AES-128,URI="k",KEYFORMAT="")", true},
      {"FairPlay", R"(METHOD=SAMPLE-AES,URI="k",KEYFORMAT="com.apple.streamingkeydelivery")",
       false},
      {"Widevine", R"(KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",URI="k")", false},
      {"no encryption", R"(METHOD=NONE,URI="k")", false},
      {"format's version is something else", R"(METHOD=AES-128,KEYFORMATVERSIONS="1/2")", true},
      {"nothing", "", true},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(is_plain_key(row.attributes) == row.plain);
  }
}
