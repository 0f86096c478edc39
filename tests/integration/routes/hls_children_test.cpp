#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kManifest = "/proxy/hls/manifest.m3u8";

constexpr std::string_view kMaster =
    "#EXTM3U\n"
    "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"en\",URI=\"audio/en.m3u8\"\n"
    "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"session.key\"\n"
    "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"iframes.m3u8\"\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO=\"a\"\n"
    "variant\n";

constexpr std::string_view kMedia =
    "#EXTM3U\n"
    "#EXT-X-KEY:METHOD=AES-128,URI=\"https://keys.test:8443/k?id=1\",IV=0x01\n"
    "#EXT-X-MAP:URI=\"init\"\n"
    "#EXTINF:4,\n"
    "a.m4s?x=1\n"
    "#EXTINF:4,\n"
    "//other.test/b.ts\n"
    "other.m3u8\n"
    "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://"
    "asset\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n"
    "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"next.mp4\"\n";

struct Setup {
  Setup() {
    origin.on("/dir/master.m3u8", status(200, {}, std::string(kMaster)));
    origin.on("/dir/media.m3u8", status(200, {}, std::string(kMedia)));
  }
  /// The proxy's URL for `path` below the origin's folder.
  [[nodiscard]] std::string child(std::string_view route, const std::string& url,
                                  std::string_view more = {}) const {
    return "http://127.0.0.1:" + std::to_string(proxy.port()) +
           Proxy::target("/proxy/hls/" + std::string(route), url, more);
  }
  [[nodiscard]] std::string there(const std::string& path) const {
    return origin.url("/dir/" + path);
  }
  [[nodiscard]] std::string master(std::string_view more = {},
                                   std::string_view route = kManifest) const {
    return proxy.fetch(route, there("master.m3u8"), more).body;
  }
  [[nodiscard]] std::string media(std::string_view more = {},
                                  std::string_view route = kManifest) const {
    return proxy.fetch(route, there("media.m3u8"), more).body;
  }

  ScriptedOrigin origin;
  Proxy proxy;
};

}  // namespace

TEST_CASE("Every URI of a master playlist points back at the proxy", "[routes][integration]") {
  const Setup setup;
  CHECK(setup.master() ==
        "#EXTM3U\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"en\",URI=\"" +
            setup.child("manifest.m3u8", setup.there("audio/en.m3u8")) +
            "\"\n"
            "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"" +
            setup.child("segment.ts", setup.there("session.key")) +
            "\"\n"
            "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"" +
            setup.child("manifest.m3u8", setup.there("iframes.m3u8")) +
            "\"\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO=\"a\"\n" +
            setup.child("manifest.m3u8", setup.there("variant")) + "\n");
}

TEST_CASE("Every URI of a media playlist points back at the proxy", "[routes][integration]") {
  const Setup setup;
  CHECK(setup.media() ==
        "#EXTM3U\n"
        "#EXT-X-KEY:METHOD=AES-128,URI=\"" +
            setup.child("segment.ts", "https://keys.test:8443/k?id=1") +
            "\",IV=0x01\n"
            "#EXT-X-MAP:URI=\"" +
            setup.child("segment.mp4", setup.there("init")) +
            "\"\n"
            "#EXTINF:4,\n" +
            setup.child("segment.m4s", setup.there("a.m4s?x=1")) + "\n#EXTINF:4,\n" +
            setup.child("segment.ts", "http://other.test/b.ts") + "\n" +
            setup.child("manifest.m3u8", setup.there("other.m3u8")) +
            "\n"
            "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://asset\","
            "KEYFORMAT=\"com.apple.streamingkeydelivery\"\n"
            "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" +
            setup.child("segment.mp4", setup.there("next.mp4")) + "&hold=1\"\n");
}

TEST_CASE("key_only_proxy leads segments past the proxy, keys and playlists through it",
          "[routes][integration]") {
  const Setup setup;
  const auto by_parameter = GENERATE(true, false);
  INFO(by_parameter << " (by parameter; else by route)");
  const std::string_view flag = by_parameter ? "&key_only_proxy=true" : "";
  const std::string_view route =
      by_parameter ? kManifest : std::string_view("/proxy/hls/key_proxy/manifest.m3u8");
  const auto flagged = [&](const std::string& url) {
    return setup.child("manifest.m3u8", url, "&key_only_proxy=true");
  };
  const auto media = setup.media(flag, route);
  CHECK(media.find("URI=\"" + setup.child("segment.ts", "https://keys.test:8443/k?id=1") + "\"") !=
        std::string::npos);
  CHECK(media.find("URI=\"" + setup.child("segment.mp4", setup.there("init")) + "\"") !=
        std::string::npos);
  CHECK(media.find("#EXTINF:4,\n" + setup.there("a.m4s?x=1") + "\n") != std::string::npos);
  CHECK(media.find("#EXTINF:4,\nhttp://other.test/b.ts\n") != std::string::npos);

  // Query parameters keep their order; the route adds its flag behind d.
  CHECK(media.find("\n" + flagged(setup.there("other.m3u8")) + "\n") != std::string::npos);
  const auto master = setup.master(flag, route);
  CHECK(master.find("\n" + flagged(setup.there("variant")) + "\n") != std::string::npos);
  CHECK(master.find("URI=\"" + flagged(setup.there("audio/en.m3u8")) + "\"") != std::string::npos);
}

TEST_CASE("no_proxy only makes URIs absolute", "[routes][integration]") {
  const Setup setup;
  CHECK(setup.media("&no_proxy=1") ==
        "#EXTM3U\n"
        "#EXT-X-KEY:METHOD=AES-128,URI=\"https://keys.test:8443/k?id=1\",IV=0x01\n"
        "#EXT-X-MAP:URI=\"" +
            setup.there("init") + "\"\n#EXTINF:4,\n" + setup.there("a.m4s?x=1") +
            "\n#EXTINF:4,\nhttp://other.test/b.ts\n" + setup.there("other.m3u8") +
            "\n"
            "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://asset\","
            "KEYFORMAT=\"com.apple.streamingkeydelivery\"\n"
            "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" +
            setup.there("next.mp4") + "\"\n");
  CHECK(setup.master("&no_proxy=1").find("\n" + setup.there("variant") + "\n") !=
        std::string::npos);
  // Like any other parameter it goes on to child manifests, where it means as little.
  CHECK(setup.master("&no_proxy=0")
            .find(setup.child("manifest.m3u8", setup.there("variant"), "&no_proxy=0")) !=
        std::string::npos);
}

TEST_CASE("key_url replaces where keys come from", "[routes][integration]") {
  const Setup setup;
  const auto media = setup.media("&key_url=http%3A%2F%2Fvault.test%3A81%2Fignored");
  CHECK(media.find("#EXT-X-KEY:METHOD=AES-128,URI=\"" +
                   setup.child("segment.ts", "http://vault.test:81/k?id=1") + "\"") !=
        std::string::npos);
  CHECK(media.find(setup.child("segment.mp4", setup.there("init"))) != std::string::npos);
  CHECK(setup.media("&no_proxy=1&key_url=http%3A%2F%2Fvault.test")
            .find("URI=\"http://vault.test/k?id=1\"") != std::string::npos);
  check_error(setup.proxy.fetch(kManifest, setup.there("media.m3u8"), "&key_url=vault"), 400,
              "key_url");
}

TEST_CASE("Child URLs carry the address the client used", "[routes][access][integration]") {
  struct Row {
    const char* why;
    Headers headers;
    std::string base;
  };
  const auto row = GENERATE(values<Row>({
      {"Host header", {{"Host", "media.test:9000"}}, "http://media.test:9000"},
      {"TLS ends before",
       {{"Host", "media.test"}, {"X-Forwarded-Proto", "https"}},
       "https://media.test"},
      {"chained scheme",
       {{"Host", "media.test"}, {"X-Forwarded-Proto", "https, http"}},
       "https://media.test"},
      {"forwarded host",
       {{"Host", "inner:8888"}, {"X-Forwarded-Host", "outer.test"}, {"X-Forwarded-Proto", "https"}},
       "https://outer.test"},
      {"forwarded port",
       {{"Host", "media.test"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Port", "8443"}},
       "https://media.test:8443"},
      {"default port",
       {{"Host", "media.test"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Port", "443"}},
       "https://media.test"},
      {"prefix",
       {{"Host", "media.test"}, {"X-Forwarded-Prefix", "/sluice/"}},
       "http://media.test/sluice"},
      {"a scheme that is none",
       {{"Host", "media.test"}, {"X-Forwarded-Proto", "javascript"}},
       "http://media.test"},
      {"a host that would break the playlist",
       {{"Host", "media.test"}, {"X-Forwarded-Host", "a\"b"}},
       "http://media.test"},
  }));
  INFO(row.why);
  const Setup setup;
  const auto body = setup.proxy.fetch(kManifest, setup.there("media.m3u8"), "", row.headers).body;
  CHECK(body.find("#EXTINF:4,\n" + row.base +
                  Proxy::target("/proxy/hls/segment.m4s", setup.there("a.m4s?x=1")) + "\n") !=
        std::string::npos);
}

TEST_CASE("Child URLs carry the password exactly when the URL did",
          "[routes][access][integration]") {
  ScriptedOrigin origin;
  origin.on("/x.m3u8", status(200, {}, "#EXTM3U\n#EXTINF:4,\na.ts\n"));
  origin.on("/a.ts", status(200, {}, "segment"));
  const Proxy proxy([](app::Settings& settings) { settings.auth.api_password = "s3cret"; });
  const auto by_query = proxy.fetch(kManifest, origin.url("/x.m3u8"), "&api_password=s3cret");
  const auto start = by_query.body.find("/proxy/hls/segment.ts?");
  REQUIRE(start != std::string::npos);
  const auto target = by_query.body.substr(start, by_query.body.find('\n', start) - start);
  CHECK(target.ends_with("&api_password=s3cret"));
  CHECK(get(proxy.port(), target).body == "segment");

  for (const auto& header :
       {Header{"api_password", "s3cret"}, Header{"Authorization", "Bearer s3cret"}}) {
    INFO(header.name);
    const auto by_header = proxy.fetch(kManifest, origin.url("/x.m3u8"), "", {header});
    CHECK(by_header.status == 200);
    CHECK(by_header.body.find("s3cret") == std::string::npos);
  }
  CHECK(proxy.fetch(kManifest, origin.url("/x.m3u8")).status == 403);
}

TEST_CASE("A stream is followed from master to segment by its own URLs", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/m.m3u8", status(200, {}, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv/list?id=7\n"));
  origin.on("/v/list", status(200, {{"Content-Type", "text/plain"}},
                              "#EXTM3U\n#EXTINF:4,\n../seg%2F1.ts?sig=a%2Bb\n"));
  origin.on("/seg%2F1.ts", status(200, {}, "segment"));
  const Proxy proxy;
  const auto next_target = [](const std::string& playlist) {
    const auto at = playlist.find("/proxy/hls/");
    REQUIRE(at != std::string::npos);
    return playlist.substr(at, playlist.find('\n', at) - at);
  };
  const auto master = proxy.fetch(kManifest, origin.url("/m.m3u8"), "&h_x-one=1").body;
  const auto media = get(proxy.port(), next_target(master)).body;
  CHECK(get(proxy.port(), next_target(media)).body == "segment");
  const auto requests = origin.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[2].target == "/seg%2F1.ts?sig=a%2Bb");
  for (const auto& asked : requests) CHECK(asked.headers["X-One"] == "1");
}

}  // namespace sluice::test
