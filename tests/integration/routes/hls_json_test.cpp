#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "sluice/core/encoding.hpp"
#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/origin_handlers.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

namespace json = boost::json;

constexpr std::string_view kSteering = "/proxy/hls/steering.json";
constexpr std::string_view kAssets = "/proxy/hls/assets.json";

/// An origin with one document, and a proxy before it.
struct Setup {
  explicit Setup(std::string document) {
    origin.on_prefix("/dir/",
                     status(200, {{"Content-Type", "application/json"}}, std::move(document)));
  }
  json::value get(std::string_view route, std::string_view more = {}) const {
    const auto response = proxy.fetch(route, origin.url("/dir/doc.json"), more);
    REQUIRE(response.status == 200);
    CHECK(response.headers["Content-Type"] == "application/json");
    return json::parse(response.body);
  }
  /// The address here for one of the origin's.
  [[nodiscard]] std::string here(std::string_view path, std::string_view there) const {
    return "http://127.0.0.1:" + std::to_string(proxy.port()) + std::string(path) +
           "?d=" + form_encode(origin.url(there));
  }

  ScriptedOrigin origin;
  Proxy proxy;
};

}  // namespace

TEST_CASE("A steering manifest leads back to the proxy", "[routes][integration]") {
  const Setup setup(R"({"VERSION": 1, "TTL": 300, "RELOAD-URI": "next?x=1", "OTHER": {"a": [1]},
    "PATHWAY-PRIORITY": ["A", "B"], "PATHWAY-CLONES": [
      {"ID": "B", "BASE-ID": "A", "URI-REPLACEMENT":
        {"PER-VARIANT-URIS": {"v1": "b/1.m3u8"}, "PER-RENDITION-URIS": {"r": "/r.m3u8"}}},
      {"ID": "C", "BASE-ID": "A", "URI-REPLACEMENT": {"HOST": "evil.example"}},
      {"ID": "D", "BASE-ID": "A", "URI-REPLACEMENT": {"PARAMS": {"d": "http://evil.example"}}}]})");
  const auto manifest = setup.get(kSteering).as_object();
  CHECK(manifest.at("RELOAD-URI").as_string() ==
        setup.here("/proxy/hls/steering.json", "/dir/next?x=1"));
  CHECK(manifest.at("TTL").as_int64() == 300);
  CHECK(manifest.at("OTHER") == json::parse(R"({"a": [1]})"));
  const auto& clones = manifest.at("PATHWAY-CLONES").as_array();
  REQUIRE(clones.size() == 1);
  const auto& uris = clones[0].at("URI-REPLACEMENT").as_object();
  CHECK(uris.at("PER-VARIANT-URIS").at("v1").as_string() ==
        setup.here("/proxy/hls/manifest.m3u8", "/dir/b/1.m3u8"));
  CHECK(uris.at("PER-RENDITION-URIS").at("r").as_string() ==
        setup.here("/proxy/hls/manifest.m3u8", "/r.m3u8"));
}

TEST_CASE("A list of interstitials leads back to the proxy", "[routes][integration]") {
  const Setup setup(R"({"ASSETS": [{"URI": "ad1.m3u8", "DURATION": 15.0},
    {"URI": "https://ads.example/2.m3u8", "X": null}, 3], "X-NEXT": "kept"})");
  const auto list = setup.get(kAssets, "&resolution=720p&skip=1-2").as_object();
  const auto& assets = list.at("ASSETS").as_array();
  CHECK(assets[0].at("URI").as_string() ==
        setup.here("/proxy/hls/manifest.m3u8", "/dir/ad1.m3u8") + "&resolution=720p");
  CHECK(assets[1].at("URI").as_string().starts_with("http://127.0.0.1:"));
  CHECK(assets[2].as_int64() == 3);
  CHECK(list.at("X-NEXT").as_string() == "kept");
}

TEST_CASE("What players ask steering and lists for reaches the origin", "[routes][integration]") {
  const Setup setup("{}");
  setup.get(kSteering, "&_HLS_pathway=A&_HLS_throughput=12");
  CHECK(setup.origin.requests().back().target == "/dir/doc.json?_HLS_pathway=A&_HLS_throughput=12");
  setup.get(kAssets, "&_HLS_primary_id=a+b");
  CHECK(setup.origin.requests().back().target == "/dir/doc.json?_HLS_primary_id=a+b");
}

TEST_CASE("What is no JSON is answered as an error", "[routes][integration]") {
  for (const char* document : {"", "[1]", "{\"a\":", "<html>"}) {
    INFO(document);
    const Setup setup(document);
    CHECK(setup.proxy.fetch(kSteering, setup.origin.url("/dir/x")).status == 502);
  }
  const Setup large("{\"a\": \"" + std::string(2'000'000, 'x') + "\"}");
  CHECK(large.proxy.fetch(kAssets, large.origin.url("/dir/x")).status == 502);
  const Setup missing("{}");
  CHECK(missing.proxy.fetch(kAssets, missing.origin.url("/elsewhere")).status == 404);
}

}  // namespace sluice::test
