#include <string>

#include "sluice/access/token_codec.hpp"
#include "sluice/core/encoding.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using access::TokenClaims;
using access::TokenVersion;

constexpr const char* kPassword = "orchid";

void with_password(app::Settings& settings) {
  settings.auth.api_password = kPassword;
  settings.auth.max_failures_per_minute = 0;
}

std::string token(const std::string& url, TokenVersion version, const std::string& more = {},
                  std::optional<std::int64_t> expires = {}, const char* client = nullptr) {
  static const access::TokenCodec codec(kPassword);
  TokenClaims claims{Query::parse("d=" + form_encode(url) + more), expires, {}, {}};
  if (client) claims.client = boost::asio::ip::make_address(client);
  return codec.encode(claims, version);
}

/// The token of the first proxied URL in a playlist, and the path behind it.
std::pair<std::string, std::string> first_token(const std::string& playlist) {
  const auto at = playlist.find("/_token_");
  REQUIRE(at != std::string::npos);
  const auto path = playlist.substr(at, playlist.find_first_of("\"\n", at) - at);
  const auto slash = path.find('/', 1);
  return {path.substr(8, slash - 8), path.substr(slash)};
}

constexpr const char* kMaster = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8\n";
constexpr const char* kMedia =
    "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI=\"k.bin\"\n#EXTINF:4,\n"
    "seg.ts\n#EXT-X-ENDLIST\n";

void serve_stream(ScriptedOrigin& origin) {
  origin.on("/master.m3u8", status(200, {{"Content-Type", "application/x-mpegurl"}}, kMaster));
  origin.on("/media.m3u8", status(200, {{"Content-Type", "application/x-mpegurl"}}, kMedia));
  origin.on("/seg.ts", status(200, {{"Content-Type", "video/mp2t"}}, "segment"));
  origin.on("/k.bin", status(200, {}, "0123456789abcdef"));
}

}  // namespace

TEST_CASE("A token opens every route, in the path and in the query", "[access][integration]") {
  ScriptedOrigin origin;
  serve_stream(origin);
  const Proxy proxy(with_password);
  const auto version = GENERATE(TokenVersion::legacy, TokenVersion::v2);
  const auto text = token(origin.url("/seg.ts"), version, "&h_referer=http%3A%2F%2Fs%2F");
  for (const std::string route : {"/proxy/stream", "/proxy/stream/a.ts", "/proxy/hls/segment.ts",
                                  "/proxy/hls/manifest.m3u8"}) {
    INFO(route);
    for (const auto& target : {"/_token_" + text + route, route + "?token=" + text}) {
      const auto response = get(proxy.port(), target);
      CHECK(response.status == 200);
      CHECK(response.body == "segment");
      CHECK(origin.requests().back().headers["Referer"] == "http://s/");
    }
  }
}

TEST_CASE("A token's children are tokens with its rules, and never show the password",
          "[access][integration]") {
  ScriptedOrigin origin;
  serve_stream(origin);
  const auto hidden = GENERATE(0, 1, 2);  // legacy token, v2 token, a password where it is hidden
  INFO(hidden);
  const Proxy proxy([&](app::Settings& settings) {
    with_password(settings);
    settings.auth.hide_destinations = hidden == 2;
  });
  const std::int64_t expires = 4'102'444'800;
  const auto version = hidden == 0 ? TokenVersion::legacy : TokenVersion::v2;
  const auto url = origin.url("/master.m3u8");
  const auto start =
      hidden == 2
          ? "/proxy/hls/manifest.m3u8?api_password=orchid&h_x=1&d=" + form_encode(url)
          : "/_token_" + token(url, version, "&api_password=orchid&h_x=1", expires, "127.0.0.1") +
                "/proxy/hls/manifest.m3u8?start_offset=-9";
  const auto master = get(proxy.port(), start);
  REQUIRE(master.status == 200);
  CHECK(master.body.find("orchid") == std::string::npos);
  CHECK(master.body.find("media.m3u8?") == std::string::npos);
  CHECK(master.headers["Cache-Control"].find("private") != std::string::npos);

  const auto [media_token, media_path] = first_token(master.body);
  CHECK(media_path == "/proxy/hls/manifest.m3u8");
  const auto media = get(proxy.port(), "/_token_" + media_token + media_path);
  REQUIRE(media.status == 200);
  // The same children at each refresh.
  CHECK(get(proxy.port(), "/_token_" + media_token + media_path).body == media.body);
  CHECK(media.body.find(origin.url("/")) == std::string::npos);
  CHECK(media.body.find("orchid") == std::string::npos);

  const auto [key_token, key_path] = first_token(media.body);
  CHECK(get(proxy.port(), "/_token_" + key_token + key_path).body == "0123456789abcdef");
  CHECK(origin.requests().back().headers["x"] == "1");

  const access::TokenCodec codec(kPassword);
  for (const auto& text : {media_token, key_token}) {
    const auto decoded = codec.decode(text);
    REQUIRE(decoded.has_value());
    CHECK(decoded->version == version);
    CHECK(decoded->claims.expires.has_value() == (hidden != 2));
    CHECK(decoded->claims.client.has_value() == (hidden != 2));
    CHECK_FALSE(decoded->claims.parameters.get("api_password").has_value());
  }
  if (version == TokenVersion::v2) {
    CHECK(get(proxy.port(), "/_token_" + key_token + "/proxy/hls/manifest.m3u8").status == 401);
    CHECK(get(proxy.port(), "/_token_" + media_token + "/proxy/stream").status == 401);
  }
}

TEST_CASE("Every bad token gets the same answer", "[access][integration]") {
  ScriptedOrigin origin;
  const Proxy proxy(with_password);
  const auto url = origin.url("/a");
  const auto good = token(url, TokenVersion::legacy);
  auto flipped = good;
  flipped[40] = flipped[40] == 'A' ? 'B' : 'A';
  const auto reference = get(proxy.port(), "/_token_x/proxy/stream");
  CHECK(reference.status == 401);
  CHECK(reference.body ==
        R"({"detail":"Invalid or expired token","error":"Invalid or expired token"})");
  CHECK(reference.headers["Access-Control-Allow-Origin"] == "*");
  const std::string rows[] = {
      "",
      "%00",
      flipped,
      good.substr(0, good.size() - 1),
      good.substr(0, 22),
      token(url, TokenVersion::legacy, {}, 1),
      token(url, TokenVersion::v2, {}, 1),
      token(url, TokenVersion::legacy, {}, {}, "192.0.2.1"),
      token(url, TokenVersion::v2, {}, {}, "192.0.2.1"),
      "2." + good,
      std::string(9000, 'A'),
  };
  const auto shape = [](const Response& response) {
    std::string text;
    for (const auto& [name, value] : response.headers) {
      // What differs between any two responses.
      if (name == "Date" || name == "X-Request-Id") continue;
      text.append(name).append(": ").append(value).append("\n");
    }
    return text + response.body;
  };
  for (const auto& text : rows) {
    INFO(text.substr(0, 40));
    for (const auto& target :
         {"/_token_" + text + "/proxy/stream?server_timing=true&d=" + form_encode(url),
          "/proxy/stream?api_password=orchid&token=x" + text}) {
      const auto response = get(proxy.port(), target);
      CHECK(response.status == 401);
      CHECK(shape(response) == shape(reference));
    }
  }
  CHECK(origin.connection_count() == 0);
}

TEST_CASE("A token bound to an address follows trusted proxies only", "[access][integration]") {
  ScriptedOrigin origin;
  serve_stream(origin);
  const auto target = "/_token_" +
                      token(origin.url("/seg.ts"), TokenVersion::legacy, {}, {}, "203.0.113.7") +
                      "/proxy/stream";
  {
    const Proxy proxy(with_password);  // loopback is trusted
    CHECK(get(proxy.port(), target).status == 401);
    CHECK(get(proxy.port(), target, {{"X-Forwarded-For", "203.0.113.7"}}).status == 200);
    CHECK(get(proxy.port(), target, {{"X-Forwarded-For", "::ffff:203.0.113.7"}}).status == 200);
    CHECK(get(proxy.port(), target, {{"Forwarded", "for=203.0.113.7"}}).status == 200);
    CHECK(get(proxy.port(), target, {{"X-Forwarded-For", "203.0.113.7, 192.0.2.1"}}).status == 401);
  }
  const Proxy proxy([](app::Settings& settings) {
    with_password(settings);
    settings.server.trusted_proxies = "192.0.2.1";
  });
  CHECK(get(proxy.port(), target, {{"X-Forwarded-For", "203.0.113.7"}}).status == 401);
}

TEST_CASE("A token without a destination opens none that its bearer chooses",
          "[access][integration]") {
  ScriptedOrigin origin;
  serve_stream(origin);
  const Proxy proxy(with_password);
  const access::TokenCodec codec(kPassword);
  const auto text = codec.encode({Query::parse("max_res=true"), {}, {}, {}}, TokenVersion::v2);
  const auto url = form_encode(origin.url("/seg.ts"));
  for (const auto& rest : {"/proxy/stream?d=" + url, "/proxy/stream?url=" + url,
                           "/proxy/stream/" + base64url_encode(origin.url("/seg.ts"))}) {
    INFO(rest);
    CHECK(get(proxy.port(), "/_token_" + text + rest).status == 400);
  }
  CHECK(origin.connection_count() == 0);
}

TEST_CASE("A server without password tells why it takes no tokens", "[access][integration]") {
  const Proxy proxy;
  for (const auto* target : {"/_token_x/proxy/stream?d=http%3A%2F%2Fh%2F", "/proxy/ip?token=x"}) {
    const auto response = get(proxy.port(), target);
    CHECK(response.status == 401);
    CHECK(response.body.find("auth.api_password") != std::string::npos);
  }
}

TEST_CASE("Guessing is slowed down, and one wrong setting locks nobody out",
          "[access][integration]") {
  const Proxy proxy([](app::Settings& settings) {
    settings.auth.api_password = kPassword;
    settings.auth.max_failures_per_minute = 5;
  });
  const auto ask = [&](const std::string& password, const char* client) {
    return get(proxy.port(), "/proxy/stream?api_password=" + password,
               {{"X-Forwarded-For", client}});
  };
  for (int i = 0; i < 50; ++i) CHECK(ask("old", "192.0.2.1").status == 403);
  for (int i = 0; i < 4; ++i) CHECK(ask(std::to_string(i), "192.0.2.1").status == 403);
  const auto closed = ask("orchid", "192.0.2.1");
  CHECK(closed.status == 429);
  CHECK(closed.headers.contains("Retry-After"));
  CHECK(ask("orchid", "192.0.2.2").status == 400);  // let in; no destination
}

TEST_CASE("A token opens no metrics, which tell of other streams", "[access][integration]") {
  const Proxy proxy(with_password);
  const auto text = token("http://h/a", TokenVersion::legacy);
  CHECK(get(proxy.port(), "/_token_" + text + "/metrics").status == 403);
  CHECK(get(proxy.port(), "/metrics?token=" + text).status == 403);
  CHECK(get(proxy.port(), "/metrics?api_password=orchid").status == 200);
}

}  // namespace sluice::test
