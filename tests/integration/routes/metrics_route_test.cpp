#include <boost/json/parse.hpp>
#include <string>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/proxy.hpp"

namespace sluice::test {

TEST_CASE("Metrics need the password", "[routes][metrics][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.auth.api_password = "secret"; });
  const auto port = proxy.port();
  CHECK(get(port, "/metrics").status == 403);
  CHECK(get(port, "/metrics?format=prometheus&api_password=wrong").status == 403);
  CHECK(get(port, "/metrics?api_password=secret").status == 200);
  CHECK(get(port, "/metrics", {{"Authorization", "Bearer secret"}}).status == 200);
}

TEST_CASE("Metrics come in JSON, or as text to who asks for it", "[routes][metrics][integration]") {
  struct Row {
    const char* why;
    std::string target;
    Headers headers;
    bool text;
  };
  const Row rows[] = {
      {"nothing said", "/metrics", {}, false},
      {"a browser", "/metrics", {{"Accept", "text/html,application/xml;q=0.9,*/*;q=0.8"}}, false},
      {"JSON", "/metrics", {{"Accept", "application/json"}}, false},
      {"plain text", "/metrics", {{"Accept", "text/plain"}}, true},
      {"Prometheus",
       "/metrics",
       {{"Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}},
       true},
      {"OpenMetrics alone, in capitals",
       "/metrics",
       {{"Accept", "Application/OpenMetrics-Text"}},
       true},
      {"only behind others", "/metrics", {{"Accept", "image/png, text/plain ;q=0.1"}}, true},
      {"a longer type", "/metrics", {{"Accept", "text/plainer"}}, false},
      {"parameter", "/metrics?format=prometheus", {}, true},
      {"parameter against the header", "/metrics?format=json", {{"Accept", "text/plain"}}, false},
  };
  Proxy proxy;
  for (const auto& row : rows) {
    INFO(row.why);
    const auto response = get(proxy.port(), row.target, row.headers);
    CHECK(response.status == 200);
    CHECK(response.headers["Cache-Control"] == "no-store");
    CHECK(response.headers["Content-Type"] ==
          (row.text ? "text/plain; version=0.0.4; charset=utf-8" : "application/json"));
    if (row.text) {
      CHECK_THAT(response.body, Catch::StartsWith("# HELP "));
      continue;
    }
    const auto json = boost::json::parse(response.body).as_object();
    std::string names;
    for (const auto& member : json) names.append(member.key_c_str()).append(" ");
    CHECK(names ==
          "uptime_seconds total_requests active_connections bytes_out bytes_out_human "
          "proxy_stream_requests hls_requests mpd_requests telegram_requests extractor_requests ");
    // The one before may be counted until a moment after its last byte.
    CHECK(eventually([&] {
      const auto now = boost::json::parse(get(proxy.port(), "/metrics").body);
      return now.at("active_connections") == 1;
    }));
  }
}

TEST_CASE("Metrics count requests by family in JSON", "[routes][metrics][integration]") {
  Proxy proxy;
  const auto port = proxy.port();
  for (const auto* path : {"/proxy/stream", "/proxy/stream/a", "/proxy/hls/manifest.m3u8",
                           "/proxy/hls/segment.ts", "/proxy/hls/segment"}) {
    CHECK(get(port, path).status == 400);
  }
  CHECK(get(port, "/nowhere").status == 404);
  const auto json = boost::json::parse(get(port, "/metrics").body).as_object();
  CHECK(json.at("total_requests") == 7);
  CHECK(json.at("proxy_stream_requests") == 2);
  CHECK(json.at("hls_requests") == 3);
  CHECK(json.at("mpd_requests") == 0);
}

}  // namespace sluice::test
