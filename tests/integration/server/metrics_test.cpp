#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "support/breaking_file.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/origin_load.hpp"
#include "support/scrape.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";

Proxy one_worker(const std::function<void(upstream::Settings&)>& change = {}) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.retry_delay = 1ms;
    if (change) change(settings.upstream);
  });
}

std::string requests(std::string_view route, int status) {
  return "sluice_requests_total{route=\"" + std::string(route) + "\",status=\"" +
         std::to_string(status) + "\"}";
}

constexpr auto kActive = "sluice_active_requests";
constexpr auto kConnections = "sluice_client_connections";
constexpr auto kSpliced = "sluice_sent_bytes_total{way=\"splice\"}";
constexpr auto kCopied = "sluice_sent_bytes_total{way=\"copy\"}";
constexpr auto kReceived = "sluice_received_bytes_total";
constexpr auto kOpened = "sluice_origin_connections_opened_total";
constexpr auto kReused = "sluice_origin_connections_reused_total";

}  // namespace

TEST_CASE("Metrics count requests by route and status", "[server][metrics][integration]") {
  ScriptedOrigin origin;
  origin.on("/file", serve_body("0123456789"));
  const auto proxy = one_worker();
  const auto port = proxy.port();
  CHECK(get(port, "/health").status == 200);
  CHECK(get(port, "/health/").status == 200);
  CHECK(get(port, "/nowhere/secret").status == 404);
  CHECK(get(port, "/another").status == 404);
  CHECK(proxy.fetch(kStream, origin.url("/file")).status == 200);
  CHECK(proxy.fetch(kStream, origin.url("/file"), "", {{"Range", "bytes=0-0"}}).status == 206);
  CHECK(proxy.fetch(kStream, origin.url("/missing")).status == 404);
  CHECK(proxy.fetch("/proxy/stream/a.mp4", origin.url("/file")).status == 200);
  CHECK(proxy.fetch("/proxy/hls/segment.ts", origin.url("/file")).status == 200);
  CHECK(request(port, "DELETE", "/health").status == 405);
  RawConnection malformed(port);
  malformed.send("nonsense\r\n\r\n");
  CHECK(malformed.read_response().status == 400);

  CHECK(sample_when(proxy, requests("-", 400), 1) == 1);
  const Scrape scrape(proxy);
  CHECK(scrape[requests("/health", 200)] == 2);
  CHECK(scrape[requests("/health", 405)] == 1);
  CHECK(scrape[requests("-", 404)] == 2);
  CHECK(scrape[requests("/proxy/stream", 200)] == 1);
  CHECK(scrape[requests("/proxy/stream", 206)] == 1);
  CHECK(scrape[requests("/proxy/stream", 404)] == 1);
  CHECK(scrape[requests("/proxy/stream/{filename}", 200)] == 1);
  CHECK(scrape[requests("/proxy/hls/segment.{ext}", 200)] == 1);
  CHECK(scrape["sluice_errors_total{code=\"not_found\"}"] == 2);
  CHECK(scrape["sluice_errors_total{code=\"bad_request\"}"] == 1);

  const std::string duration = "sluice_request_duration_seconds_count{family=\"";
  CHECK(scrape[duration + "stream\",step=\"route\"}"] == 4);
  CHECK(scrape[duration + "stream\",step=\"auth\"}"] == 4);
  CHECK(scrape[duration + "stream\",step=\"dial\"}"] == 4);
  CHECK(scrape[duration + "stream\",step=\"first_byte\"}"] == 4);
  CHECK(scrape[duration + "stream\",step=\"send\"}"] == 4);
  CHECK(scrape[duration + "stream\",step=\"total\"}"] == 4);
  CHECK(scrape[duration + "hls\",step=\"total\"}"] == 1);
}

TEST_CASE("Metrics count a request, its bytes and its connection to the last byte",
          "[server][metrics][integration]") {
  OriginLoad load;
  ScriptedOrigin origin;
  const auto body = random_bytes(100'000);
  origin.on("/held", load.held(body));
  const auto proxy = one_worker();
  RawConnection client(proxy.port());
  REQUIRE(client.send(stream_request(proxy, origin.url("/held"))));
  auto response = client.read_head();
  REQUIRE(client.read_body(response, body.size() - 1));
  // All but one byte is here. The request that asks is active, too.
  const Scrape paused(proxy);
  CHECK(paused[kActive] == 2);
  CHECK(paused[kConnections] == 2);
  CHECK(paused[kSpliced] + paused[kCopied] >= static_cast<double>(body.size() - 1));
  CHECK(paused[kReceived] == static_cast<double>(body.size() - 1));
  CHECK_FALSE(paused.has(requests(kStream, 200)));
  CHECK(
      paused["sluice_origin_connections_in_flight{origin=\"http://" + origin.authority() + "\"}"] ==
      1);

  load.open();
  client.read_body(response, 2);
  CHECK(response.complete);
  CHECK(sample_when(proxy, requests(kStream, 200), 1) == 1);
  const Scrape done(proxy);
  CHECK(done[kActive] == 1);
  CHECK(done[kConnections] >= 2);
  CHECK(done[kReceived] == static_cast<double>(body.size()));
  CHECK(done["sluice_origin_connections_kept{origin=\"http://" + origin.authority() + "\"}"] == 1);
  CHECK(done["sluice_origin_connections_in_flight{origin=\"http://" + origin.authority() + "\"}"] ==
        0);
  client.close();
  CHECK(sample_when(proxy, kConnections, 1) == 1);
}

TEST_CASE("Metrics tell bytes that were spliced from those copied, one by one",
          "[server][metrics][integration]") {
  const auto body = random_bytes(1'000'000);
  struct Row {
    const char* why;
    OriginHandler handler;
    std::string method;
    bool spliced;
    std::size_t bytes;
  };
  const Row rows[] = {
      {"a known length", serve_body(body), "GET", true, body.size()},
      {"chunks", chunked(body), "GET", false, body.size()},
      {"HEAD has no body", serve_body(body), "HEAD", false, 0},
      {"cut by the origin", cut_body(1'000'000, 400'000), "GET", true, 400'000},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    ScriptedOrigin origin;
    origin.on("/", row.handler);
    const auto proxy = one_worker();
    const auto response =
        request(proxy.port(), row.method, Proxy::target(kStream, origin.url("/")));
    CHECK(sample_when(proxy, kReceived, static_cast<double>(row.bytes)) ==
          static_cast<double>(row.bytes));
    const auto spliced = static_cast<std::size_t>(Scrape(proxy)[kSpliced]);
    CHECK(response.body.size() == row.bytes);
    CHECK((spliced > 0) == row.spliced);
    CHECK(spliced <= row.bytes);
  }
}

TEST_CASE("Metrics: bytes_out is what clients got", "[server][metrics][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(700'000);
  origin.on("/", serve_body(body));
  const auto proxy = one_worker();
  const auto port = proxy.port();
  std::size_t got = proxy.fetch(kStream, origin.url("/")).body.size();
  got += get(port, "/health").body.size();
  got += get(port, "/nowhere").body.size();
  const auto json = get(port, "/metrics").body;
  const auto at = json.find("\"bytes_out\":");
  REQUIRE(at != std::string::npos);
  CHECK(std::stoul(json.substr(at + 12)) == got);
}

TEST_CASE("Metrics count connections to origins as the origin saw them",
          "[server][metrics][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {}, "x"));
  origin.on("/moved", redirect_to(origin.url("/")));
  const auto proxy = one_worker();
  for (const auto* path : {"/", "/", "/", "/moved"}) {
    CHECK(proxy.fetch(kStream, origin.url(path)).status == 200);
  }
  const Scrape scrape(proxy);
  CHECK(origin.request_count() == 5);
  CHECK(scrape[kOpened] == static_cast<double>(origin.connection_count()));
  CHECK(scrape[kOpened] + scrape[kReused] == 5);
  CHECK(scrape["sluice_redirects_total"] == 1);

  const std::string localhost = "http://localhost:1/";
  const auto dead = [] { return ScriptedOrigin().url("/"); }();
  const auto no_retries = one_worker([](auto& upstream) { upstream.retry_attempts = 0; });
  for (const std::string& url : {dead, localhost, localhost}) {
    CHECK(no_retries.fetch(kStream, url).status == 502);
  }
  const Scrape failed(no_retries);
  CHECK(failed["sluice_origin_connections_failed_total{code=\"connect_failed\"}"] == 3);
  CHECK(failed[kOpened] == 0);
  CHECK(failed["sluice_dns_lookups_total{result=\"found\"}"] == 1);
  CHECK(failed["sluice_dns_lookups_total{result=\"cached\"}"] == 1);
}

TEST_CASE("Metrics count retries by their reason", "[server][metrics][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
    int requests;
    const char* reason;
    double retries;
  };
  const Row rows[] = {
      {"lost before an answer", in_sequence({hang_up(), hang_up(), status(200)}), 1, "failed", 2},
      {"busy gateway", in_sequence({status(503), status(200)}), 1, "status", 1},
      {"dead in the pool", in_sequence({drop_next_request(status(200)), status(200)}), 2, "stale",
       1},
      {"nothing wrong", status(200), 2, "failed", 0},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    ScriptedOrigin origin;
    origin.on("/", row.handler);
    const auto proxy = one_worker();
    for (int i = 0; i < row.requests; ++i) {
      CHECK(proxy.fetch(kStream, origin.url("/")).status == 200);
    }
    const Scrape scrape(proxy);
    for (const std::string reason : {"failed", "status", "stale"}) {
      INFO(reason);
      CHECK(scrape["sluice_retries_total{reason=\"" + reason + "\"}"] ==
            (reason == row.reason ? row.retries : 0));
    }
  }
}

TEST_CASE("Metrics count how broken bodies went on", "[server][metrics][integration]") {
  const auto body = random_bytes(300'000);
  const auto changed = [body](const OriginRequest& request, Connection& connection) {
    if (request.headers.contains("Range")) {
      connection.send_response(200, {{"ETag", "\"v2\""}}, body);
    } else {
      connection.send_head(200, {{"Content-Length", "300000"}, {"ETag", "\"v1\""}});
      connection.send(body.substr(0, 100'000));
    }
  };
  struct Row {
    const char* why;
    OriginHandler handler;
    double succeeded;
    double refused;
  };
  const Row rows[] = {
      {"twice to its end", serve_breaking({.body = body, .cuts = {100'000, 200'000}}), 2, 0},
      {"something else now", changed, 0, 1},
      {"nothing to prove it by", cut_body(300'000, 100'000), 0, 1},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    ScriptedOrigin origin;
    origin.on("/", row.handler);
    const auto proxy = one_worker();
    const auto response = proxy.fetch(kStream, origin.url("/"));
    CHECK(response.complete == (row.refused == 0));
    const Scrape scrape(proxy);
    CHECK(scrape["sluice_resumes_total{result=\"succeeded\"}"] == row.succeeded);
    CHECK(scrape["sluice_resumes_total{result=\"refused\"}"] == row.refused);
    CHECK(scrape["sluice_resumes_total{result=\"failed\"}"] == 0);
  }
}

TEST_CASE("Metrics count waits and refusals of the limiter", "[server][metrics][integration]") {
  OriginLoad load;
  ScriptedOrigin origin;
  origin.on("/", load.held("ok"));
  const auto proxy = one_worker([](upstream::Settings& upstream) {
    upstream.max_concurrent_per_host = 1;
    upstream.limiter_max_waiting = 1;
    upstream.limiter_wait = 60s;
  });
  const auto ask = [&] {
    RawConnection client(proxy.port());
    client.send(stream_request(proxy, origin.url("/")));
    return client;
  };
  auto first = ask();
  REQUIRE(origin.wait_for_requests(1));
  auto second = ask();
  const auto waiting =
      "sluice_origin_requests_waiting{origin=\"http://" + origin.authority() + "\"}";
  REQUIRE(sample_when(proxy, waiting, 1) == 1);
  auto third = ask();
  CHECK(third.read_response().status == 503);
  CHECK(Scrape(proxy)["sluice_limiter_wait_seconds_count"] == 0);
  load.open();
  CHECK(first.read_response().status == 200);
  CHECK(second.read_response().status == 200);
  const Scrape scrape(proxy);
  CHECK(scrape["sluice_limiter_wait_seconds_count"] == 1);
  CHECK(scrape["sluice_limiter_wait_seconds_sum"] > 0);
  CHECK(scrape["sluice_limiter_refusals_total{reason=\"queue_full\"}"] == 1);
  CHECK(scrape["sluice_limiter_refusals_total{reason=\"too_long\"}"] == 0);
  CHECK(scrape["sluice_errors_total{code=\"host_busy\"}"] == 1);
}

TEST_CASE("Metrics count connections refused", "[server][metrics][integration]") {
  Proxy proxy([](app::Settings& settings) { settings.server.max_connections = 2; });
  {
    RawConnection first(proxy.port());
    RawConnection second(proxy.port());
    first.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(first.read_response().status == 200);
    second.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(second.read_response().status == 200);
    const auto refused = get(proxy.port(), "/health");
    CHECK(refused.status == 503);
    CHECK(refused.headers["X-Request-Id"].size() == 16);
  }
  // Until the server has seen them leave it refuses scrapes, too.
  CHECK(eventually([&] {
    const Scrape scrape(proxy);
    return scrape[kConnections] == 1 && scrape["sluice_client_connections_refused_total"] >= 1 &&
           scrape["sluice_client_connections_accepted_total"] >= 3;
  }));
}

}  // namespace sluice::test
