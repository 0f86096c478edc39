#include <chrono>
#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/breaking_file.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/segments.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::string_literals;

constexpr std::string_view kSegment = "/proxy/hls/segment.ts";
constexpr std::string_view kStream = "/proxy/stream";
constexpr std::string_view kUnwrap = "&transformer=ts_stream";

Proxy quick_resumes() {
  return Proxy([](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.retry_delay = std::chrono::milliseconds(1);
  });
}

}  // namespace

TEST_CASE("A disguised segment comes without its disguise, as what it is",
          "[routes][delivery][integration]") {
  const auto ts = ts_packets(5000);
  const auto fragment = mp4_fragment(300'000);
  struct Row {
    const char* why;
    std::string_view route;
    std::string from_origin;
    std::string front;
    std::string segment;
    std::string expected;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"a picture", kSegment, "image/png", png(900), ts, "video/mp2t"},
      {"a picture and padding", kSegment, "image/png", png(70'000) + std::string(99, '\xff'), ts,
       "video/mp2t"},
      {"a script", kSegment, "application/javascript", "var a = 1;\n", ts, "video/mp2t"},
      {"a page", kSegment, "text/html", "<html></html>", ts, "video/mp2t"},
      {"a fragment", "/proxy/hls/segment.m4s", "image/gif", "GIF89a;", fragment, "video/mp4"},
      {"a fragment that the name does not tell", kSegment, "image/gif", "GIF89a;", fragment,
       "video/mp4"},
      {"no extension", "/proxy/hls/segment", "", "text", ts, "video/mp2t"},
      {"no disguise", kSegment, "video/mp2t", "", ts, "video/mp2t"},
      {"the origin tells the type", kSegment, "video/x", png(900), ts, "video/x"},
      {"any resource", kStream, "image/png", png(900), ts, "video/mp2t"},
      {"any resource that is none", kStream, "image/png", png(900), "", "image/png"},
  }));
  INFO(row.why);
  const auto file = row.front + row.segment;
  ScriptedOrigin origin;
  origin.on("/s", serve_body(file, row.from_origin));
  const Proxy proxy;
  const auto response =
      proxy.fetch(row.route, origin.url("/s"), kUnwrap, {{"Range", "bytes=100-200"}});
  check_whole(response, row.segment.empty() ? file : row.segment);
  CHECK(response.headers["Content-Type"] == row.expected);
  for (const auto* name : {"Content-Length", "Content-Range", "Accept-Ranges"}) {
    CAPTURE(name);
    CHECK_FALSE(response.headers.contains(name));
  }
  CHECK_FALSE(origin.requests().at(0).headers.contains("Range"));
}

TEST_CASE("What is no disguised segment passes the transformer unchanged",
          "[routes][delivery][integration]") {
  const auto body =
      GENERATE(as<std::string>{}, "", "#EXTM3U\n#EXTINF:4,\na.ts\n", random_bytes(16),
               random_bytes(32), random_bytes(1'000'000), mp4_fragment(1000), png(20'000));
  CAPTURE(body.size());
  ScriptedOrigin origin;
  origin.on("/length", status(200, {}, body));
  origin.on("/chunks", chunked(body, {1, 100, 7}));
  origin.on("/close", until_close(body));
  const Proxy proxy;
  for (const auto* path : {"/length", "/chunks", "/close"}) {
    CAPTURE(path);
    check_whole(proxy.fetch(kSegment, origin.url(path), kUnwrap), body);
  }
  const auto response =
      request(proxy.port(), "HEAD", Proxy::target(kSegment, origin.url("/length"), kUnwrap));
  CHECK(response.status == 200);
  CHECK_FALSE(response.headers.contains("Content-Length"));
}

TEST_CASE("A disguised segment that breaks off is continued in the file",
          "[routes][delivery][integration]") {
  const auto front = png(5000) + std::string(11, '\xff');
  const auto ts = ts_packets(4000);
  ScriptedOrigin origin;
  const auto proxy = quick_resumes();
  const std::vector<std::vector<std::size_t>> breaks = {
      {1}, {3000}, {5100, 5200, 60'000}, {400'000, 500'000, 700'000}};
  for (const auto& cuts : breaks) {
    CAPTURE(cuts);
    const auto path = "/" + std::to_string(cuts.front());
    origin.on(path, serve_breaking({.body = front + ts, .cuts = cuts}));
    check_whole(proxy.fetch(kSegment, origin.url(path), kUnwrap), ts);
    CHECK(origin.requests_to(path).size() == cuts.size() + 1);
  }
}

TEST_CASE("A disguised segment that is cut never ends well", "[routes][delivery][integration]") {
  const auto ts = ts_packets(4000);
  const auto file = png(500) + ts;
  ScriptedOrigin origin;
  origin.on_prefix("/", [&](const OriginRequest& asked, Connection& connection) {
    connection.send_head(200, {{"Content-Length", std::to_string(file.size())}});
    connection.send(std::string_view(file).substr(0, std::stoul(asked.target.substr(1))));
    connection.close();
  });
  const Proxy proxy;
  // What nothing has left of yet is answered with what went wrong.
  check_error(proxy.fetch(kSegment, origin.url("/0"), kUnwrap), 502, "broke off");
  check_error(proxy.fetch(kSegment, origin.url("/600"), kUnwrap), 502, "broke off");
  check_cut(proxy.fetch(kSegment, origin.url("/600000"), kUnwrap), ts);
}

TEST_CASE("A client of HTTP/1.0 gets a changed body up to the close",
          "[routes][delivery][integration]") {
  const auto ts = ts_packets(3000);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(png(500) + ts, "image/png"));
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send("GET " + Proxy::target(kSegment, origin.url("/s"), kUnwrap) +
                      " HTTP/1.0\r\n\r\n"));
  const auto response = client.read_response();
  CHECK(response.framing == Framing::close);
  check_whole(response, ts);
}

TEST_CASE("A transformer that is not known is refused", "[routes][integration]") {
  ScriptedOrigin origin;
  const Proxy proxy;
  for (const auto route : {kSegment, kStream}) {
    check_error(proxy.fetch(route, origin.url("/s"), "&transformer=mp4_stream"), 400, "ts_stream");
  }
  CHECK(origin.request_count() == 0);
}

TEST_CASE("An origin's error stays one under a transformer", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/s", status(404, {}, png(100) + ts_packets(9)));
  const Proxy proxy;
  check_error(proxy.fetch(kSegment, origin.url("/s"), kUnwrap), 404, "404");
}

TEST_CASE("A segment whose type the origin does not tell is known by its bytes",
          "[routes][integration]") {
  struct Row {
    const char* why;
    std::string extension;
    std::string from_origin;
    std::string body;
    std::string expected;
  };
  const auto ts = ts_packets(1000);
  const auto row = GENERATE_COPY(values<Row>({
      {"a stream under a fragment's name", ".m4s", "", ts, "video/mp2t"},
      {"a stream without a name", "", "text/plain", ts, "video/mp2t"},
      {"a fragment under a stream's name", ".ts", "application/octet-stream", mp4_fragment(5000),
       "video/mp4"},
      {"an audio fragment", ".m4a", "", mp4_fragment(5000), "audio/mp4"},
      {"audio under a stream's name", ".ts", "", "\xff\xf1\x50\x80\x2e\x7f\xfc" + random_bytes(9),
       "audio/aac"},
      {"captions", ".ts", "text/plain", "WEBVTT\n\n", "text/vtt"},
      {"a thumbnail", ".jpg", "image/jpeg", "\xff\xd8\xff\xe0" + random_bytes(500), "image/jpeg"},
      {"a thumbnail of no type", ".png", "", png(500), "image/png"},
      {"a disguise that stays", ".ts", "image/png", png(500) + ts, "video/mp2t"},
      {"the origin tells", ".ts", "video/mp4", ts, "video/mp4"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(row.body, row.from_origin));
  origin.on("/drip", chunked(row.body, {1, 50, 300}, row.from_origin));
  const Proxy proxy;
  const auto route = "/proxy/hls/segment" + row.extension;
  const auto response = proxy.fetch(route, origin.url("/s"));
  check_whole(response, row.body);
  CHECK(response.headers["Content-Type"] == row.expected);
  CHECK(response.headers["Content-Length"] == std::to_string(row.body.size()));
  const auto slow = proxy.fetch(route, origin.url("/drip"));
  check_whole(slow, row.body);
  CHECK(slow.headers["Content-Type"] == row.expected);
  const auto set = proxy.fetch(route, origin.url("/s"), "&rp_content-type=video%2Fx");
  CHECK(set.headers["Content-Type"] == "video/x");
}

TEST_CASE("Only a segment's beginning tells its type", "[routes][integration]") {
  const auto body = mp4_fragment(5000);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(std::string(188, 'x') + body, "application/octet-stream"));
  origin.on("/t", serve_body(body, "application/octet-stream"));
  const Proxy proxy;
  const auto rest = proxy.fetch(kSegment, origin.url("/s"), "", {{"Range", "bytes=188-"}});
  check_whole(rest, body, 206);
  CHECK(rest.headers["Content-Type"] == "video/mp2t");
  const auto start = proxy.fetch(kSegment, origin.url("/t"), "", {{"Range", "bytes=0-99"}});
  check_whole(start, body.substr(0, 100), 206);
  CHECK(start.headers["Content-Type"] == "video/mp4");
}

TEST_CASE("A segment that breaks off while its type is found out is continued",
          "[routes][delivery][integration]") {
  const auto ts = ts_packets(4000);
  ScriptedOrigin origin;
  const auto proxy = quick_resumes();
  for (const std::size_t cut : {1, 100, 500, 1500, 300'000}) {
    CAPTURE(cut);
    const auto path = "/" + std::to_string(cut);
    origin.on(path, serve_breaking({.body = ts, .cuts = {cut}}));
    const auto response = proxy.fetch("/proxy/hls/segment", origin.url(path));
    check_whole(response, ts);
    CHECK(response.headers["Content-Type"] == "video/mp2t");
  }
}

}  // namespace sluice::test
