#include <boost/json/parse.hpp>
#include <string>

#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

namespace json = boost::json;

struct Report {
  bool ok = false;
  std::string failed;  ///< the step that fails; empty: none
  std::string body;
};

Report read(const Response& response) {
  INFO(response.body);
  REQUIRE(response.status == 200);
  const auto answer = json::parse(response.body);
  Report report{answer.at("ok").as_bool(), {}, response.body};
  for (const auto& step : answer.at("steps").as_array()) {
    if (step.at("ok").as_bool()) continue;
    CHECK(report.failed.empty());  // nothing is tried behind what fails
    report.failed = step.at("step").as_string();
  }
  return report;
}

Report check(const Proxy& proxy, std::string_view url, std::string_view more = {}) {
  return read(proxy.fetch("/proxy/check", url, more));
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

TEST_CASE("/proxy/check follows a stream to its key and segment", "[routes][integration]") {
  ScriptedOrigin origin;
  serve_stream(origin);
  const Proxy proxy;
  const auto report = check(proxy, origin.url("/master.m3u8"), "&h_referer=r");
  CHECK(report.ok);
  CHECK(report.failed.empty());
  CHECK(origin.request_count() == 4);
  for (const auto& request : origin.requests()) CHECK(request.headers["Referer"] == "r");
  CHECK(report.body.find("finished playlist of 1 segments") != std::string::npos);
  CHECK(check(proxy, origin.url("/seg.ts")).ok);

  const auto text = get(proxy.port(), Proxy::target("/proxy/check", origin.url("/master.m3u8")),
                        {{"Accept", "text/plain"}});
  CHECK(text.headers["Content-Type"] == "text/plain; charset=utf-8");
  CHECK(text.body.starts_with("Everything that was tried works."));
}

TEST_CASE("/proxy/check names the step that fails", "[routes][integration]") {
  ScriptedOrigin origin;
  serve_stream(origin);
  origin.on("/gone", status(410));
  origin.on("/cut", cut_body(5000, 3000));
  origin.on("/badkey.m3u8", status(200, {},
                                   "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"short\"\n#EXTINF:4,\n"
                                   "seg.ts\n"));
  origin.on("/short", status(200, {}, "0123"));
  origin.on("/lost.m3u8", status(200, {}, "#EXTM3U\n#EXTINF:4,\nnowhere.ts\n"));
  origin.on("/empty.m3u8", status(200, {}, "#EXTM3U\n"));
  origin.on("/no.m3u8", status(200, {}, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nnowhere\n"));
  const TestCa ca;
  OriginOptions secure;
  secure.tls = ca.issue({{}, {"127.0.0.1"}});
  ScriptedOrigin untrusted(secure);
  const Proxy proxy([](app::Settings& settings) { settings.upstream.retry_attempts = 0; });
  struct Row {
    const char* why;
    std::string url;
    const char* failed;
  };
  const Row rows[] = {
      {"no URL", "nonsense", "destination"},
      {"name", "http://nowhere.invalid/", "origin: DNS"},
      {"port", "http://127.0.0.1:1/", "origin: connect"},
      {"certificate", untrusted.url("/"), "origin: TLS"},
      {"status", origin.url("/gone"), "origin: status"},
      {"body", origin.url("/cut"), "origin: body"},
      {"key", origin.url("/badkey.m3u8"), "key: size"},
      {"segment", origin.url("/lost.m3u8"), "segment: status"},
      {"no segments", origin.url("/empty.m3u8"), "playlist"},
      {"variant", origin.url("/no.m3u8"), "variant: status"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto report = check(proxy, row.url);
    CHECK_FALSE(report.ok);
    CHECK(report.failed == row.failed);
    CHECK(report.body.find("127.0.0.1:") == std::string::npos);
    CHECK(report.body.find("nowhere") == std::string::npos);
  }
  const Proxy fenced(
      [](app::Settings& settings) { settings.upstream.reach = upstream::Reach::public_only; });
  CHECK(check(fenced, origin.url("/seg.ts")).failed == "origin: reach");
}

TEST_CASE("/proxy/check says why somebody is not let in, and tries nothing for them",
          "[routes][integration]") {
  ScriptedOrigin origin;
  serve_stream(origin);
  const Proxy proxy([](app::Settings& settings) { settings.auth.api_password = "orchid"; });
  const auto url = origin.url("/seg.ts");
  const auto nothing = check(proxy, url);
  CHECK(nothing.failed == "access");
  CHECK(nothing.body.find("neither a password nor a token") != std::string::npos);
  CHECK(check(proxy, url, "&api_password=tulip").body.find("The password is wrong") !=
        std::string::npos);
  const auto token = read(get(proxy.port(), "/_token_x/proxy/check"));
  CHECK(token.failed == "access");
  CHECK(token.body.find("127.0.0.1") != std::string::npos);  // the client's own
  CHECK(origin.connection_count() == 0);
  CHECK(check(proxy, url, "&api_password=orchid").ok);
}

}  // namespace sluice::test
