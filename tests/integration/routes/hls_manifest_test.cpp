#include <string>

#include "integration/upstream/error_reply.hpp"
#include "sluice/hls/playlist.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kManifest = "/proxy/hls/manifest.m3u8";
constexpr std::string_view kPlaylist = "#EXTM3U\n#EXTINF:4,\na.ts\n";
constexpr std::string_view kPlaylistType = "application/vnd.apple.mpegurl";

OriginHandler typed(std::string type, std::string body) {
  return status(200, {{"Content-Type", std::move(type)}}, std::move(body));
}

bool is_rewritten(const Response& response) {
  return response.status == 200 && response.headers["Content-Type"] == kPlaylistType &&
         response.body.starts_with("#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:") &&
         response.body.find("/proxy/hls/segment.ts?d=") != std::string::npos;
}

}  // namespace

TEST_CASE("A playlist is recognised by its URL, its type, its first bytes, or on demand",
          "[routes][integration]") {
  struct Row {
    const char* why;
    std::string target;
    std::string type;
    std::string in_front;  ///< of the playlist
    std::string more;
    bool recognised;
  };
  const auto row = GENERATE(values<Row>({
      {"extension", "/x.m3u8", "text/html", "", "", true},
      {"extension and a query", "/x.m3u8?token=1", "text/plain", "", "", true},
      {"older extension", "/x.m3u", "text/plain", "", "", true},
      {"list of channels", "/x.m3u_plus", "text/plain", "", "", true},
      {"type parameter", "/get.php?type=m3u_plus", "text/plain", "", "", true},
      {"Apple's type", "/x", "application/vnd.apple.mpegurl", "", "", true},
      {"older type in capitals", "/x", "Audio/X-MPEGURL; charset=utf-8", "", "", true},
      {"first bytes alone", "/x", "application/octet-stream", "", "", true},
      {"first bytes, no type", "/x", "", "", "", true},
      {"first bytes against the extension", "/x.mp4", "video/mp4", "", "", true},
      {"byte order mark", "/x", "text/plain", "\xef\xbb\xbf", "", true},
      {"blank lines", "/x", "text/plain", "\r\n \n", "", true},
      {"on demand", "/x", "text/plain", "junk\n", "&force_playlist_proxy=1", true},
      {"not on a false demand", "/x", "text/plain", "junk\n", "&force_playlist_proxy=0", false},
      {"mentions the tag later", "/x", "text/plain", "junk\n", "", false},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on_prefix("/", typed(row.type, row.in_front + std::string(kPlaylist)));
  const Proxy proxy;
  const auto response = proxy.fetch(kManifest, origin.url(row.target), row.more);
  CHECK(response.complete);
  if (row.recognised) {
    CHECK(response.headers["Content-Type"] == kPlaylistType);
    CHECK(response.body.find("/proxy/hls/segment.ts?") != std::string::npos);
  } else {
    CHECK(response.headers["Content-Type"] == row.type);
    CHECK(response.body == row.in_front + std::string(kPlaylist));
  }
  CHECK(origin.request_count() == 1);
}

TEST_CASE("A playlist is recognised however its bytes arrive", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/drip",
            slow_drip("\xef\xbb\xbf\n" + std::string(kPlaylist), 1, std::chrono::milliseconds(2)));
  origin.on("/chunks", chunked(std::string(kPlaylist), {1, 2, 3}));
  origin.on("/close", until_close(std::string(kPlaylist)));
  const Proxy proxy;
  for (const auto* path : {"/drip", "/chunks", "/close"}) {
    INFO(path);
    const auto response = proxy.fetch(kManifest, origin.url(path));
    CHECK(response.complete);
    CHECK(response.headers["Content-Type"] == kPlaylistType);
    CHECK(response.framing == Framing::length);
  }
}

TEST_CASE("Every alias of the manifest route rewrites", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/x.m3u8", typed("", std::string(kPlaylist)));
  const Proxy proxy;
  for (const auto* route :
       {"/proxy/hls/manifest.m3u8", "/proxy/hls/manifest", "/proxy/hls/playlist.m3u8",
        "/proxy/hls/playlist", "/proxy/hls/manifest.m3u8/"}) {
    INFO(route);
    CHECK(is_rewritten(proxy.fetch(route, origin.url("/x.m3u8"))));
  }
}

TEST_CASE("A playlist's response is not to be kept or passed on", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/x.m3u8", status(200, {{"Cache-Control", "max-age=3600"}, {"ETag", "\"x\""}},
                              std::string(kPlaylist)));
  const Proxy proxy;
  const auto headers = proxy
                           .fetch(kManifest, origin.url("/x.m3u8"),
                                  "&r_x-one=1&rp_x-two=2&rp_content-type=video%2Fmp2t")
                           .headers;
  CHECK(headers["Content-Type"] == kPlaylistType);
  CHECK(headers["Content-Disposition"] == "inline");
  CHECK(headers["Accept-Ranges"] == "none");
  CHECK(headers.has_token("Cache-Control", "no-cache"));
  CHECK(headers.has_token("Cache-Control", "private"));
  CHECK(headers["Referrer-Policy"] == "no-referrer");
  CHECK_FALSE(headers.contains("ETag"));
  CHECK(headers["X-One"] == "1");
  CHECK_FALSE(headers.contains("X-Two"));
}

TEST_CASE("What is no playlist passes through unchanged, ranges too", "[routes][integration]") {
  const auto body = random_bytes(300'000);
  ScriptedOrigin origin;
  origin.on("/movie", serve_body(body, "video/mp4"));
  const Proxy proxy;
  const auto whole = proxy.fetch(kManifest, origin.url("/movie"));
  CHECK(whole.complete);
  CHECK(whole.headers["Content-Type"] == "video/mp4");
  CHECK(whole.headers["Content-Length"] == "300000");
  CHECK(sha256_hex(whole.body) == sha256_hex(body));
  const auto part = proxy.fetch(kManifest, origin.url("/movie"), "", {{"Range", "bytes=100-199"}});
  CHECK(part.status == 206);
  CHECK(part.headers["Content-Range"] == "bytes 100-199/300000");
  CHECK(part.body == body.substr(100, 100));
  const auto hidden = proxy.fetch(kManifest, origin.url("/movie"), "&x_headers=content-range",
                                  {{"Range", "bytes=100-199"}});
  CHECK(hidden.status == 200);
}

TEST_CASE("A playlist is fetched and sent whole, whatever range was asked for",
          "[routes][integration]") {
  struct Row {
    const char* why;
    std::string path;
    std::string type;
    std::size_t requests;
  };
  const auto row = GENERATE(values<Row>({
      {"known by its URL: never asked in part", "/x.m3u8", "text/plain", 1},
      {"known by its type only: asked again", "/x", "application/x-mpegurl", 2},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on(row.path, serve_body(std::string(kPlaylist), row.type));
  const Proxy proxy;
  for (const std::string range : {"bytes=0-", "bytes=0-9", "bytes=5-"}) {
    INFO(range);
    const auto before = origin.request_count();
    CHECK(is_rewritten(proxy.fetch(kManifest, origin.url(row.path), "", {{"Range", range}})));
    CHECK(origin.request_count() - before == row.requests);
    CHECK_FALSE(origin.requests().back().headers.contains("Range"));
  }
}

TEST_CASE("A playlist known by its first bytes only is sent whole, too", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/x", serve_body(std::string(kPlaylist), "text/plain"));
  const Proxy proxy;
  CHECK(is_rewritten(proxy.fetch(kManifest, origin.url("/x"), "", {{"Range", "bytes=0-9"}})));
  CHECK(origin.request_count() == 2);
}

TEST_CASE("Range: bytes=nan is refused on the manifest route", "[routes][integration]") {
  ScriptedOrigin origin;
  const Proxy proxy;
  for (const std::string range : {"bytes=NaN-", "nan", "bytes=0-nan"}) {
    const auto response = proxy.fetch(kManifest, origin.url("/x.m3u8"), "", {{"Range", range}});
    check_error(response, 416, "Invalid Range Header");
  }
  CHECK(origin.request_count() == 0);
}

TEST_CASE("An answer that should be a playlist and is none ends the stream, or is an error",
          "[routes][integration]") {
  struct Row {
    const char* why;
    std::string body;
    std::string words;
  };
  const auto row = GENERATE(values<Row>({
      {"a page", "<!DOCTYPE html><html><body>offline</body></html>", "Stream offline"},
      {"a page after blanks", "\n\n  <HTML><body>offline</body></HTML>", "Stream offline"},
      {"nothing", "", "Empty upstream response"},
      {"blanks", " \r\n\r\n", "Empty upstream response"},
      {"something else", "{\"error\":\"expired\"}", "Invalid upstream response"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/x.m3u8", typed("text/html", row.body));
  const Proxy graceful;
  const auto ended = graceful.fetch(kManifest, origin.url("/x.m3u8"));
  CHECK(ended.status == 200);
  CHECK(ended.headers["Content-Type"] == kPlaylistType);
  CHECK(
      ended.body.starts_with("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n"
                             "#EXT-X-PLAYLIST-TYPE:VOD\n# " +
                             row.words));
  CHECK(ended.body.ends_with("\n#EXT-X-ENDLIST\n"));

  const Proxy strict([](app::Settings& settings) { settings.hls.graceful_stream_end = false; });
  check_error(strict.fetch(kManifest, origin.url("/x.m3u8")), 502, row.words);
}

TEST_CASE("An origin's error never ends a live stream", "[routes][integration]") {
  const int code = GENERATE(404, 500, 503);
  ScriptedOrigin origin;
  origin.on("/x.m3u8", status(code, {}, std::string(kPlaylist)));
  const Proxy proxy;
  const auto response = proxy.fetch(kManifest, origin.url("/x.m3u8"));
  CHECK(response.status == code);
  CHECK(response.body.find("#EXT") == std::string::npos);
}

TEST_CASE("A playlist larger than hls.max_playlist_bytes is refused", "[routes][integration]") {
  const std::string line = "#EXTINF:4,\na.ts\n";
  std::string large = "#EXTM3U\n";
  while (large.size() + line.size() <= 100'000) large += line;
  large.append(100'000 - large.size(), '\n');
  ScriptedOrigin origin;
  origin.on("/fits.m3u8", typed("", large));
  origin.on("/over.m3u8", typed("", large + "\n"));
  origin.on("/over-chunked.m3u8", chunked(large + "\n", {1000}));
  origin.on("/sniffed", typed("text/plain", large + "\n"));
  origin.on("/endless.m3u8", [&](const OriginRequest&, Connection& connection) {
    connection.send_head(200);
    connection.send("#EXTM3U\n");
    while (connection.send(line)) {
    }
  });
  const Proxy proxy([](app::Settings& settings) {
    settings.server.workers = 1;
    settings.hls.max_playlist_bytes = 100'000;
  });
  CHECK(proxy.fetch(kManifest, origin.url("/fits.m3u8")).status == 200);
  for (const auto* path : {"/over.m3u8", "/over-chunked.m3u8", "/sniffed", "/endless.m3u8"}) {
    INFO(path);
    check_error(proxy.fetch(kManifest, origin.url(path)), 502, "hls.max_playlist_bytes");
  }
  CHECK(origin.wait_for_open_connections(0));
}

TEST_CASE("Blanks without end are no playlist", "[routes][integration]") {
  const std::string blanks(1'000'000, '\n');
  ScriptedOrigin origin;
  origin.on("/x", typed("text/plain", blanks + std::string(kPlaylist)));
  const Proxy proxy;
  const auto response = proxy.fetch(kManifest, origin.url("/x"));
  CHECK(response.complete);
  CHECK(response.headers["Content-Type"] == "text/plain");
  CHECK(response.body == blanks + std::string(kPlaylist));
}

}  // namespace sluice::test
