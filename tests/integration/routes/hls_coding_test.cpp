#include <zlib.h>

#include <stdexcept>
#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kManifest = "/proxy/hls/manifest.m3u8";
constexpr std::string_view kPlaylist = "#EXTM3U\n#EXTINF:4,\na.ts\n";

constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

/// `text` compressed; `window` is zlib's, which also chooses the format.
std::string compressed(std::string_view text, int window) {
  z_stream stream{};
  if (::deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int state = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (state != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

OriginHandler coded(std::string coding, std::string body) {
  return status(
      200, {{"Content-Type", "application/x-mpegurl"}, {"Content-Encoding", std::move(coding)}},
      std::move(body));
}

}  // namespace

TEST_CASE("A playlist that comes compressed unasked is rewritten all the same",
          "[routes][http][integration]") {
  struct Row {
    const char* why;
    std::string coding;
    std::string body;
  };
  const auto row = GENERATE(values<Row>({
      {"gzip", "gzip", compressed(kPlaylist, kGzip)},
      {"old name in capitals", "X-GZIP", compressed(kPlaylist, kGzip)},
      {"zlib", "deflate", compressed(kPlaylist, kZlib)},
      {"raw deflate", "deflate", compressed(kPlaylist, kRaw)},
      {"two gzip members", "gzip",
       compressed(kPlaylist.substr(0, 9), kGzip) + compressed(kPlaylist.substr(9), kGzip)},
      {"none, said aloud", "identity", std::string(kPlaylist)},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/x", coded(row.coding, row.body));
  const Proxy proxy;
  const auto response = proxy.fetch(kManifest, origin.url("/x"));
  CHECK(response.status == 200);
  CHECK(response.body == "#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:" + std::to_string(proxy.port()) +
                             Proxy::target("/proxy/hls/segment.ts", origin.url("/a.ts")) + "\n");
  CHECK_FALSE(response.headers.contains("Content-Encoding"));
  CHECK(origin.requests().at(0).headers["Accept-Encoding"] == "identity");
}

TEST_CASE("A compressed playlist that is broken, foreign or too large is refused",
          "[routes][http][integration]") {
  struct Row {
    const char* why;
    std::string coding;
    std::string body;
    std::string words;
  };
  const auto whole = compressed(kPlaylist, kGzip);
  const auto bomb = "#EXTM3U\n" + std::string(5'000'000, '\n');
  const auto row = GENERATE_COPY(values<Row>({
      {"cut", "gzip", whole.substr(0, whole.size() - 9), "compressed body is broken"},
      {"not compressed at all", "gzip", std::string(kPlaylist), "compressed body is broken"},
      {"unknown coding", "br", whole, "unknown Content-Encoding"},
      {"larger than playlists may be", "gzip", compressed(bomb, kGzip), "larger than this server"},
      {"the same without a header", "deflate", compressed(bomb, kRaw), "larger than this server"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/x", coded(row.coding, row.body));
  const Proxy proxy([](app::Settings& settings) { settings.hls.max_playlist_bytes = 1'000'000; });
  check_error(proxy.fetch(kManifest, origin.url("/x")), 502, row.words);
}

TEST_CASE("Compressed media passes as it is, with the name of its coding",
          "[routes][integration]") {
  const auto body = compressed("not a playlist", kGzip);
  ScriptedOrigin origin;
  origin.on("/x", status(200, {{"Content-Encoding", "gzip"}, {"Content-Type", "video/mp4"}}, body));
  const Proxy proxy;
  for (const auto* route : {"/proxy/stream", "/proxy/hls/manifest.m3u8", "/proxy/hls/segment.ts"}) {
    INFO(route);
    const auto response = proxy.fetch(route, origin.url("/x"));
    CHECK(response.complete);
    CHECK(response.body == body);
    CHECK(response.headers["Content-Encoding"] == "gzip");
  }
}

}  // namespace sluice::test
