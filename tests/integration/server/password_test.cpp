#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("The password is asked for on proxy routes and taken in three places",
          "[server][access][integration]") {
  ScriptedOrigin origin;
  origin.on("/file", serve_body("content"));
  Proxy proxy([](app::Settings& settings) { settings.auth.api_password = "s\xc3\xa9 cret&+"; });
  const std::string right = "s%C3%A9+cret%26%2B";
  struct Row {
    const char* why;
    std::string more;
    Headers headers;
    int status;
  };
  const Row rows[] = {
      {"none", "", {}, 403},
      {"query", "&api_password=" + right, {}, 200},
      {"wrong in the query", "&api_password=other", {}, 403},
      {"empty in the query", "&api_password=", {}, 403},
      {"only a beginning", "&api_password=s", {}, 403},
      {"longer", "&api_password=" + right + "x", {}, 403},
      {"the last of two counts", "&api_password=other&api_password=" + right, {}, 200},
      {"the last of two is wrong", "&api_password=" + right + "&api_password=other", {}, 403},
      {"name in capitals is another parameter", "&API_PASSWORD=" + right, {}, 403},
      {"header", "", {{"api_password", "s\xc3\xa9 cret&+"}}, 200},
      {"header in capitals", "", {{"API_PASSWORD", "s\xc3\xa9 cret&+"}}, 200},
      {"header is not decoded", "", {{"api_password", right}}, 403},
      {"wrong in the header", "", {{"api_password", "other"}}, 403},
      {"Bearer", "", {{"Authorization", "Bearer s\xc3\xa9 cret&+"}}, 200},
      {"bearer in lower case", "", {{"Authorization", "bearer s\xc3\xa9 cret&+"}}, 200},
      {"wrong Bearer", "", {{"Authorization", "Bearer other"}}, 403},
      {"empty Bearer", "", {{"Authorization", "Bearer"}}, 403},
      {"Basic", "", {{"Authorization", "Basic s\xc3\xa9 cret&+"}}, 403},
      {"no scheme", "", {{"Authorization", "s\xc3\xa9 cret&+"}}, 403},
      {"wrong in the query, right in a header",
       "&api_password=other",
       {{"api_password", "s\xc3\xa9 cret&+"}},
       200},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto before = origin.request_count();
    const auto response = proxy.fetch("/proxy/stream", origin.url("/file"), row.more, row.headers);
    CHECK(response.status == row.status);
    if (row.status == 200) {
      CHECK(response.body == "content");
      continue;
    }
    constexpr auto kText = "Could not validate credentials";
    CHECK(response.body ==
          boost::json::serialize(boost::json::object{{"detail", kText}, {"error", kText}}));
    CHECK(origin.request_count() == before);
  }
  // What the password was sent in stays here.
  for (const auto& seen : origin.requests()) {
    CHECK_FALSE(seen.headers.contains("api_password"));
    CHECK_FALSE(seen.headers.contains("Authorization"));
    CHECK(seen.target == "/file");
  }
}

TEST_CASE("Every proxy route asks for the password, whatever its extension",
          "[server][access][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.auth.api_password = "secret"; });
  for (const auto* path :
       {"/proxy/stream", "/proxy/stream/", "/proxy/stream/poster.jpg", "/proxy/stream/app.js",
        "/proxy/hls/manifest.m3u8", "/proxy/hls/manifest", "/proxy/hls/playlist",
        "/proxy/hls/playlist.m3u8", "/proxy/hls/key_proxy/manifest.m3u8", "/proxy/hls/segment",
        "/proxy/hls/segment.png", "/proxy/hls/segment.ts/"}) {
    CAPTURE(path);
    CHECK(get(proxy.port(), path).status == 403);
    CHECK(request(proxy.port(), "HEAD", path).status == 403);
    CHECK(get(proxy.port(), std::string(path) + "?api_password=secret").status == 400);
  }
  CHECK(get(proxy.port(), "/health").status == 200);
  CHECK(get(proxy.port(), "/health?api_password=wrong").status == 200);
}

TEST_CASE("Without a password every request is let in", "[server][access][integration]") {
  ScriptedOrigin origin;
  origin.on("/file", serve_body("content"));
  Proxy proxy;
  CHECK(proxy.fetch("/proxy/stream", origin.url("/file")).status == 200);
  CHECK(proxy.fetch("/proxy/stream", origin.url("/file"), "&api_password=x").status == 200);
}
