#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <regex>
#include <string>

#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr auto kExposed = "Content-Length, Content-Range, Accept-Ranges, Content-Type, ETag";

/// A port of loopback on which nobody listens.
std::uint16_t dead_port() {
  return ScriptedOrigin().port();
}

/// {"detail": text, "error": the same text}; the text.
std::string message_in(const std::string& body) {
  boost::system::error_code error;
  const auto json = boost::json::parse(body, error);
  REQUIRE_FALSE(error);
  const auto& object = json.as_object();
  CHECK(object.size() == 2);
  CHECK(object.at("detail") == object.at("error"));
  return std::string(object.at("error").as_string().c_str());
}

}  // namespace

TEST_CASE("Every response carries CORS, nosniff and a date", "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/file", serve_body("0123456789"));
  origin.on("/gone", status(404, {{"Access-Control-Allow-Origin", "http://other.test"}}));
  origin.on("/garbage", [](const OriginRequest&, Connection& connection) {
    connection.send_raw("nonsense\r\n\r\n");
  });
  Proxy proxy([](app::Settings& settings) { settings.auth.api_password = "secret"; });
  const auto stream = [&](std::string_view path, std::string_view more = {}) {
    return Proxy::target("/proxy/stream", origin.url(path),
                         std::string("&api_password=secret").append(more));
  };
  struct Row {
    const char* why;
    std::string method;
    std::string target;
    Headers headers;
    int status;
  };
  const Row rows[] = {
      {"served here", "GET", "/health", {}, 200},
      {"HEAD", "HEAD", "/health", {}, 200},
      {"from an origin", "GET", stream("/file"), {}, 200},
      {"a part", "GET", stream("/file"), {{"Range", "bytes=2-3"}}, 206},
      {"no playlist where one belongs",
       "GET",
       Proxy::target("/proxy/hls/manifest.m3u8", origin.url("/file"), "&api_password=secret"),
       {},
       200},
      {"parameters that would set it again",
       "GET",
       stream("/file",
              "&r_access-control-allow-origin=http://a.test&r_date=x"
              "&rp_access-control-expose-headers=x&r_x-content-type-options=y"),
       {},
       200},
      {"preflight", "OPTIONS", stream("/file"), {{"Origin", "http://a.test"}}, 204},
      {"no parameter", "GET", "/proxy/stream?api_password=secret", {}, 400},
      {"bad URL", "GET", "/proxy/stream?api_password=secret&d=ftp://h/", {}, 400},
      {"no password", "GET", Proxy::target("/proxy/stream", origin.url("/file")), {}, 403},
      {"unknown path", "GET", "/nowhere", {}, 404},
      {"origin's 404", "GET", stream("/gone"), {}, 404},
      {"wrong method", "DELETE", "/health", {}, 405},
      {"range beyond the end", "GET", stream("/file"), {{"Range", "bytes=99-"}}, 416},
      {"expectation", "GET", "/health", {{"Expect", "x"}}, 417},
      {"coding", "GET", "/health", {{"Transfer-Encoding", "x"}}, 501},
      {"malformed", "GET", "/health", {{"Host", "a b"}}, 400},
      {"origin's nonsense", "GET", stream("/garbage"), {}, 502},
      {"origin not there",
       "GET",
       Proxy::target("/proxy/stream", "http://127.0.0.1:" + std::to_string(dead_port()),
                     "&api_password=secret"),
       {},
       502},
  };
  const std::regex date(
      "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] "
      "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 20[0-9]{2} "
      "[0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT");
  for (const auto& row : rows) {
    INFO(row.why);
    const auto response = request(proxy.port(), row.method, row.target, row.headers);
    CAPTURE(response.problem, response.body);
    CHECK(response.status == row.status);
    CHECK(response.complete);
    const auto& headers = response.headers;
    CHECK(headers.all("Access-Control-Allow-Origin") == std::vector<std::string>{"*"});
    CHECK(headers.all("Access-Control-Expose-Headers") == std::vector<std::string>{kExposed});
    CHECK_FALSE(headers.contains("Access-Control-Allow-Credentials"));
    CHECK(headers.all("X-Content-Type-Options") == std::vector<std::string>{"nosniff"});
    CHECK(headers.count("Date") == 1);
    CHECK(std::regex_match(headers["Date"], date));
    if (row.status < 400) continue;
    CHECK(headers["Content-Type"] == "application/json");
    CHECK(headers["Cache-Control"] == "no-store");
    const auto message = message_in(response.body);
    CHECK_FALSE(message.empty());
    CHECK(message.find("http://127") == std::string::npos);
    CHECK(message.find("secret") == std::string::npos);
  }
}

TEST_CASE("Every path answers a preflight before any access check", "[server][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.auth.api_password = "secret"; });
  struct Row {
    const char* why;
    std::string target;
    Headers asked;
    std::string allowed_headers;
  };
  const Row rows[] = {
      {"browser's preflight",
       "/proxy/stream?d=x",
       {{"Origin", "http://a.test"},
        {"Access-Control-Request-Method", "GET"},
        {"Access-Control-Request-Headers", "range, x-custom"}},
       "range, x-custom"},
      {"no header asked for",
       "/proxy/hls/manifest.m3u8",
       {{"Origin", "http://a.test"}, {"Access-Control-Request-Method", "GET"}},
       "*"},
      {"not from a browser", "/health", {}, "*"},
      {"unknown path", "/nowhere", {}, "*"},
      {"the server as a whole", "*", {}, "*"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto response = request(proxy.port(), "OPTIONS", row.target, row.asked);
    CHECK(response.status == 204);
    CHECK(response.complete);
    CHECK_FALSE(response.headers.contains("Content-Length"));
    CHECK(response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS");
    CHECK(response.headers["Access-Control-Allow-Headers"] == row.allowed_headers);
    CHECK(response.headers["Access-Control-Max-Age"] == "86400");
    CHECK(response.headers["Allow"] == "GET, HEAD, OPTIONS");
  }
}

TEST_CASE("A wrong method is answered 405 with the right ones", "[server][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.auth.api_password = "secret"; });
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE", "get", "BREW"}) {
    CAPTURE(method);
    for (const auto* target : {"/health", "/proxy/stream", "/proxy/hls/segment.ts?d=x"}) {
      const auto response = request(proxy.port(), method, target);
      CHECK(response.status == 405);
      CHECK(response.headers["Allow"] == "GET, HEAD, OPTIONS");
      CHECK(message_in(response.body) == "Method Not Allowed");
    }
    CHECK(request(proxy.port(), method, "/nowhere").status == 404);
  }
}

TEST_CASE("Paths are matched as a whole, but for a trailing slash", "[server][integration]") {
  struct Row {
    const char* why;
    std::string target;
    int status;  ///< 400 where the route is found, since parameter d is missing
  };
  const Row rows[] = {
      {"as it stands", "/health", 200},
      {"trailing slash", "/health/", 200},
      {"two trailing slashes", "/health//", 404},
      {"query", "/health?a=b", 200},
      {"trailing slash and query", "/health/?a=b", 200},
      {"longer", "/healthy", 404},
      {"below", "/health/x", 404},
      {"case matters", "/Health", 404},
      {"two slashes in front", "//health", 404},
      {"root", "/", 404},
      {"only a query", "/?a=b", 404},
      {"dots are not resolved", "/proxy/../health", 404},
      {"escaped", "/%68ealth", 404},
      {"stream", "/proxy/stream", 400},
      {"stream with trailing slash", "/proxy/stream/", 400},
      {"stream with file name", "/proxy/stream/a/b.mp4", 400},
      {"not stream", "/proxy/streams", 404},
      {"manifest and trailing slash", "/proxy/hls/manifest.m3u8/", 400},
      {"segment without extension", "/proxy/hls/segment", 400},
      {"segment with extension", "/proxy/hls/segment.ts", 400},
      {"segment with empty extension", "/proxy/hls/segment.", 404},
      {"not a segment", "/proxy/hls/segments", 404},
  };
  Proxy proxy;
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(get(proxy.port(), row.target).status == row.status);
  }
}
