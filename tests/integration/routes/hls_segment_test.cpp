#include <atomic>
#include <chrono>
#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

std::string route(std::string_view extension) {
  return "/proxy/hls/segment" + std::string(extension);
}

}  // namespace

TEST_CASE("A segment's type is the origin's where that says something, else the extension's",
          "[routes][integration]") {
  struct Row {
    const char* why;
    std::string extension;
    std::string from_origin;
    std::string more;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {"no type", ".ts", "", "", "video/mp2t"},
      {"fragment", ".m4s", "", "", "video/mp4"},
      {"video", ".mp4", "", "", "video/mp4"},
      {"Apple's video", ".m4v", "", "", "video/mp4"},
      {"Apple's audio", ".m4a", "", "", "audio/mp4"},
      {"raw audio", ".aac", "", "", "audio/aac"},
      {"captions", ".vtt", "", "", "text/vtt"},
      {"extension in capitals", ".TS", "", "", "video/mp2t"},
      {"unknown extension", ".xyz", "", "", "application/octet-stream"},
      {"no extension", "", "", "", "application/octet-stream"},
      {"generic", ".ts", "application/octet-stream", "", "video/mp2t"},
      {"generic, as buckets say it", ".ts", "binary/octet-stream", "", "video/mp2t"},
      {"disguised as a picture", ".ts", "image/png", "", "video/mp2t"},
      {"disguised as text", ".ts", "text/plain; charset=utf-8", "", "video/mp2t"},
      {"disguised as a page", ".m4s", "text/html", "", "video/mp4"},
      {"disguised as a script", ".ts", "application/javascript", "", "video/mp2t"},
      {"disguise in capitals", ".ts", "IMAGE/JPEG", "", "video/mp2t"},
      {"captions of the origin", ".ts", "text/vtt", "", "text/vtt"},
      {"the origin knows better", ".ts", "video/mp4", "", "video/mp4"},
      {"and its parameters stay", ".m4s", "video/mp4; codecs=\"avc1\"", "",
       "video/mp4; codecs=\"avc1\""},
      {"rp_ wins", ".ts", "video/mp4", "&rp_content-type=video%2Fx", "video/x"},
      {"r_ wins over rp_", ".ts", "", "&rp_content-type=video%2Fx&r_content-type=video%2Fy",
       "video/y"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  Headers headers;
  if (!row.from_origin.empty()) headers.add("Content-Type", row.from_origin);
  origin.on("/s", status(200, headers, "segment"));
  const Proxy proxy;
  const auto response = proxy.fetch(route(row.extension), origin.url("/s"), row.more);
  CHECK(response.complete);
  CHECK(response.body == "segment");
  CHECK(response.headers.all("Content-Type") == std::vector<std::string>{row.expected});
  CHECK_FALSE(response.headers.contains("Content-Disposition"));
}

TEST_CASE("A segment passes byte for byte, whole and in ranges", "[routes][integration]") {
  const auto body = random_bytes(2'000'000);
  ScriptedOrigin origin;
  origin.on("/s", serve_body(body, "video/mp2t"));
  const Proxy proxy;
  const auto whole = proxy.fetch(route(".ts"), origin.url("/s"));
  CHECK(whole.status == 200);
  CHECK(whole.headers["Content-Length"] == "2000000");
  CHECK(sha256_hex(whole.body) == sha256_hex(body));
  CHECK_FALSE(origin.requests().at(0).headers.contains("Range"));

  const auto part =
      proxy.fetch(route(".ts"), origin.url("/s"), "", {{"Range", "bytes=1000000-1500000"}});
  CHECK(part.status == 206);
  CHECK(part.headers["Content-Range"] == "bytes 1000000-1500000/2000000");
  CHECK(sha256_hex(part.body) == sha256_hex(body.substr(1'000'000, 500'001)));
  const auto ignored = proxy.fetch(route(".ts"), origin.url("/s"), "", {{"Range", "bytes=nan-"}});
  CHECK(ignored.status == 200);
}

TEST_CASE("A segment that may come a moment later is asked for once more",
          "[routes][live][integration]") {
  struct Row {
    const char* why;
    int first;
    Headers headers;
    int second;
    std::size_t requests;
    int expected;
  };
  const auto row = GENERATE(values<Row>({
      {"late at the live edge", 404, {}, 200, 2, 200},
      {"a fault that passes", 500, {}, 200, 2, 200},
      {"gone for good", 404, {}, 404, 2, 404},
      {"another refusal", 404, {}, 403, 2, 403},
      {"not allowed", 403, {}, 200, 1, 403},
      {"it says that it is gone", 410, {}, 200, 1, 410},
      {"the origin says when", 404, {{"Retry-After", "5"}}, 200, 1, 404},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  std::atomic<std::size_t> asked = 0;
  origin.on("/s", [&](const OriginRequest&, Connection& connection) {
    const bool is_first = asked++ == 0;
    connection.send_response(is_first ? row.first : row.second, is_first ? row.headers : Headers{},
                             "segment");
  });
  const Proxy proxy([](app::Settings& settings) {
    settings.upstream.retry_delay = std::chrono::milliseconds(1);
  });
  const auto response = proxy.fetch(route(".ts"), origin.url("/s"));
  CHECK(response.status == row.expected);
  CHECK(response.complete);
  CHECK((response.status != 200 || response.body == "segment"));
  CHECK(asked == row.requests);
}

TEST_CASE("Where repetitions are off, a missing segment is asked for once",
          "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/s", status(404, {}, ""));
  const Proxy proxy([](app::Settings& settings) { settings.upstream.retry_attempts = 0; });
  CHECK(proxy.fetch(route(".ts"), origin.url("/s")).status == 404);
  CHECK(origin.requests().size() == 1);
}

TEST_CASE("A key is sixteen bytes and stays them", "[routes][integration]") {
  const auto key = random_bytes(16);
  ScriptedOrigin origin;
  origin.on("/key", status(200, {{"Content-Type", "application/octet-stream"}}, key));
  const Proxy proxy;
  for (const auto* extension : {".ts", ""}) {
    const auto response = proxy.fetch(route(extension), origin.url("/key"));
    CHECK(response.body == key);
    CHECK(response.headers["Content-Length"] == "16");
  }
}

TEST_CASE("A segment's connection is kept for the next one", "[routes][server][integration]") {
  ScriptedOrigin origin;
  origin.on("/s", serve_body(random_bytes(50'000), "video/mp2t"));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  RawConnection client(proxy.port());
  for (int turn = 0; turn < 4; ++turn) {
    REQUIRE(client.send(
        request_bytes(proxy.port(), "GET", Proxy::target(route(".ts"), origin.url("/s")))));
    const auto response = client.read_response();
    CHECK(response.complete);
    CHECK_FALSE(response.closed_after);
  }
  CHECK(origin.connection_count() == 1);
}

TEST_CASE("Segments asked for at once come in the order of the requests",
          "[routes][server][integration]") {
  ScriptedOrigin origin;
  origin.on("/slow", [](const OriginRequest&, Connection& connection) {
    connection.pause(std::chrono::milliseconds(100));
    connection.send_response(200, {}, "slow");
  });
  origin.on("/quick", status(200, {}, "quick"));
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send(
      request_bytes(proxy.port(), "GET", Proxy::target(route(".ts"), origin.url("/slow"))) +
      request_bytes(proxy.port(), "GET", Proxy::target(route(".ts"), origin.url("/quick")))));
  CHECK(client.read_response().body == "slow");
  CHECK(client.read_response().body == "quick");
}

TEST_CASE("A segment that cannot be fetched is an error at once, asked for once",
          "[routes][integration]") {
  const int code = GENERATE(403, 410, 429);
  ScriptedOrigin origin;
  origin.on("/s", status(code));
  const Proxy proxy;
  const auto started = std::chrono::steady_clock::now();
  check_error(proxy.fetch(route(".ts"), origin.url("/s")), code, std::to_string(code));
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(2));
  CHECK(origin.request_count() == 1);
}

}  // namespace sluice::test
