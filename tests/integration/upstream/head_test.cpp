#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";

Response head_of(const Proxy& proxy, const std::string& url, const Headers& headers = {}) {
  return request(proxy.port(), "HEAD", Proxy::target(kStream, url), headers);
}

/// The headers that describe the body are those of a GET.
void check_same_description(const Response& head, const Response& full) {
  CHECK(head.complete);
  CHECK(head.body.empty());
  CHECK(head.status == full.status);
  for (const auto* name : {"Content-Type", "Content-Length", "Content-Range", "Accept-Ranges",
                           "ETag", "Last-Modified"}) {
    INFO(name);
    CHECK(head.headers[name] == full.headers[name]);
  }
}

/// Breaks the connection on HEAD, serves everything else.
OriginHandler break_on_head(Ending ending, OriginHandler inner) {
  return [refuse = hang_up(ending), inner = std::move(inner)](const OriginRequest& request,
                                                              Connection& connection) {
    request.method == "HEAD" ? refuse(request, connection) : inner(request, connection);
  };
}

/// A server that knows no ranges.
OriginHandler without_ranges(std::string body) {
  return status(200, {{"Content-Type", "video/mp4"}}, std::move(body));
}

}  // namespace

TEST_CASE("HEAD is asked as HEAD", "[upstream][routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", serve_body(random_bytes(5000), "video/mp4"));
  const Proxy proxy;
  const auto head = head_of(proxy, origin.url("/"));
  check_same_description(head, proxy.fetch(kStream, origin.url("/")));
  const auto requests = origin.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].method == "HEAD");
  CHECK_FALSE(requests[0].headers.contains("Range"));
}

TEST_CASE("HEAD falls back to one byte of a GET where the origin refuses it",
          "[upstream][routes][integration]") {
  struct Row {
    const char* why;
    std::function<OriginHandler(OriginHandler)> refuse;
  };
  const auto with_status = [](int code) {
    return [code](OriginHandler inner) { return refuse_head(code, std::move(inner)); };
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"forbidden", with_status(403)},
      {"method not allowed", with_status(405)},
      {"internal error", with_status(500)},
      {"not implemented", with_status(501)},
      {"bad gateway", with_status(502)},
      {"unavailable", with_status(503)},
      {"closed", [](OriginHandler inner) { return break_on_head(Ending::fin, std::move(inner)); }},
      {"reset", [](OriginHandler inner) { return break_on_head(Ending::rst, std::move(inner)); }},
  }));
  INFO(row.why);
  struct File {
    const char* what;
    OriginHandler handler;
    bool known_without_body;  ///< whether a range tells what a GET would say
  };
  const auto file = GENERATE(values<File>({
      {"a file", serve_body(random_bytes(5000), "video/mp4"), true},
      {"an empty file", serve_body("", "video/mp4"), true},
      {"a server without ranges", without_ranges(random_bytes(5000)), true},
      {"a large file without ranges", without_ranges(random_bytes(3'000'000)), true},
  }));
  INFO(file.what);
  ScriptedOrigin origin;
  origin.on("/", row.refuse(file.handler));
  const Proxy proxy;
  const auto head = head_of(proxy, origin.url("/"));
  const auto requests = origin.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].method == "HEAD");
  CHECK(requests[1].method == "GET");
  CHECK(requests[1].headers["Range"] == "bytes=0-0");
  const auto full = proxy.fetch(kStream, origin.url("/"));
  CHECK(head.status == full.status);
  CHECK(head.headers["Content-Length"] == full.headers["Content-Length"]);
  CHECK_FALSE(head.headers.contains("Content-Range"));
  if (file.what != std::string_view("an empty file")) check_same_description(head, full);
}

TEST_CASE("HEAD passes on what is true of GET, too", "[upstream][routes][integration]") {
  for (const int code : {401, 404, 410, 429}) {
    INFO(code);
    ScriptedOrigin origin;
    origin.on("/", status(code, {}, "no"));
    const Proxy proxy;
    const auto head = head_of(proxy, origin.url("/"));
    CHECK(head.status == code);
    CHECK(origin.request_count() == 1);
  }
}

TEST_CASE("HEAD reports the GET's error where both are refused",
          "[upstream][routes][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
    int status;
  };
  const auto row = GENERATE(values<Row>({
      {"forbidden both ways", status(403), 403},
      {"unavailable both ways", status(503), 503},
      {"HEAD refused, GET not found", refuse_head(405, status(404)), 404},
      {"broken both ways", hang_up(), 502},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", row.handler);
  const Proxy proxy([](auto& settings) { settings.upstream.retry_attempts = 0; });
  const auto head = head_of(proxy, origin.url("/"));
  CHECK(head.complete);
  CHECK(head.status == row.status);
  CHECK(origin.request_count() == 2);
}

TEST_CASE("HEAD with a total unknown to the origin has no length",
          "[upstream][routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", refuse_head(405, status(206, {{"Content-Range", "bytes 0-0/*"}}, "x")));
  const Proxy proxy;
  const auto head = head_of(proxy, origin.url("/"));
  CHECK(head.complete);
  CHECK(head.status == 200);
  CHECK_FALSE(head.headers.contains("Content-Length"));
  CHECK_FALSE(head.headers.contains("Content-Range"));
}

TEST_CASE("HEAD keeps the client's own range", "[upstream][routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", refuse_head(405, serve_body("0123456789")));
  const Proxy proxy;
  const auto head = head_of(proxy, origin.url("/"), {{"Range", "bytes=2-5"}});
  CHECK(head.complete);
  CHECK(head.status == 206);
  CHECK(head.headers["Content-Range"] == "bytes 2-5/10");
  CHECK(head.headers["Content-Length"] == "4");
  const auto requests = origin.requests();
  REQUIRE(requests.size() == 2);
  for (const auto& asked : requests) CHECK(asked.headers["Range"] == "bytes=2-5");
}

TEST_CASE("HEAD follows redirects and leaves the connection usable",
          "[upstream][routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/here", redirect_to("/there"));
  origin.on("/there", serve_body("0123456789"));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  RawConnection client(proxy.port());
  for (int turn = 0; turn < 3; ++turn) {
    REQUIRE(client.send(
        request_bytes(proxy.port(), "HEAD", Proxy::target(kStream, origin.url("/here")))));
    const auto head = client.read_response(true);
    CHECK(head.complete);
    CHECK(head.headers["Content-Length"] == "10");
    CHECK_FALSE(head.closed_after);
  }
  CHECK(origin.connection_count() == 1);
}

TEST_CASE("HEAD of the other routes describes what GET sends", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/x.m3u8", status(200, {}, "#EXTM3U\n#EXTINF:4,\na.ts\n"));
  origin.on("/file", serve_body(random_bytes(300), "video/mp4"));
  origin.on("/page", status(200, {{"Content-Type", "text/html"}}, "<html></html>"));
  const Proxy proxy;
  struct Row {
    const char* route;
    const char* path;
  };
  const auto row = GENERATE(values<Row>({
      {"/proxy/hls/manifest.m3u8", "/x.m3u8"},
      {"/proxy/hls/manifest.m3u8", "/file"},
      {"/proxy/hls/manifest.m3u8", "/page"},
      {"/proxy/hls/segment.ts", "/file"},
  }));
  INFO(row.route << " of " << row.path);
  const auto target = Proxy::target(row.route, origin.url(row.path));
  check_same_description(request(proxy.port(), "HEAD", target), get(proxy.port(), target));
}

}  // namespace sluice::test
