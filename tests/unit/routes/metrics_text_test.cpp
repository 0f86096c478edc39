#include "routes/metrics_text.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::routes;
using namespace std::chrono_literals;

TEST_CASE("Bytes for people are in units of 1024", "[routes][unit]") {
  struct Row {
    const char* why;
    std::uint64_t bytes;
    std::string want;
  };
  constexpr std::uint64_t kMega = 1024 * 1024;
  const Row rows[] = {
      {"none", 0, "0 B"},
      {"the last without decimals", 1023, "1023 B"},
      {"the first with them", 1024, "1.00 KB"},
      {"one and a half", 3 * kMega / 2, "1.50 MB"},
      {"rounded", 1234567, "1.18 MB"},
      {"GB", 1024 * kMega, "1.00 GB"},
      {"TB", 5 * kMega * kMega, "5.00 TB"},
      {"PB", 1024 * kMega * kMega, "1.00 PB"},
      {"all there are", UINT64_MAX, "16.00 EB"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(human_bytes(row.bytes) == row.want);
  }
}

TEST_CASE("Metrics in JSON have the keys that are known", "[routes][unit]") {
  WorkerMetrics worker;
  worker.add(Count::requests_begun, 9);
  worker.add(Count::requests_ended, 7);
  worker.add(Count::bytes_spliced, 1024);
  worker.add(Count::bytes_copied, 512);
  worker.add_request(RouteFamily::stream);
  worker.add_request(RouteFamily::extractor);
  worker.add_request(RouteFamily::other);
  for (int i = 0; i < 3; ++i) worker.add_request(RouteFamily::hls);
  for (int i = 0; i < 4; ++i) worker.add_request(RouteFamily::mpd);
  for (int i = 0; i < 5; ++i) worker.add_request(RouteFamily::telegram);
  MetricsSnapshot counted;
  worker.add_to(counted);
  counted.uptime = 90s;
  CHECK(metrics_json(counted) ==
        R"({"uptime_seconds":90,"total_requests":9,"active_connections":2,"bytes_out":1536,)"
        R"("bytes_out_human":"1.50 KB","proxy_stream_requests":1,"hls_requests":3,)"
        R"("mpd_requests":4,"telegram_requests":5,"extractor_requests":1})");
}

TEST_CASE("Active requests are never below none", "[routes][unit]") {
  WorkerMetrics worker;
  worker.add(Count::requests_ended);  // read a moment later than what began
  MetricsSnapshot counted;
  worker.add_to(counted);
  CHECK(active_requests(counted) == 0);
}

TEST_CASE("Prometheus text has cumulative buckets, labels and origins", "[routes][unit]") {
  WorkerMetrics worker;
  worker.add_answer("/proxy/hls/segment.{ext}", 206);
  worker.add_answer("-", 0);
  worker.add_error(Errc::host_busy);
  worker.observe(RouteFamily::hls, Step::first_byte, 2ms);
  worker.observe(RouteFamily::hls, Step::first_byte, 70s);
  MetricsReport report;
  worker.add_to(report.counted);
  report.origins = {{"http://a \"b\"\n", {5, 2, 7}}};
  const auto text = prometheus_text(report);
  const auto has = [&](const std::string& line) {
    INFO(line);
    CHECK(("\n" + text).find("\n" + line + "\n") != std::string::npos);
  };
  has(R"(sluice_requests_total{route="/proxy/hls/segment.{ext}",status="206"} 1)");
  has(R"(sluice_requests_total{route="-",status="other"} 1)");
  has(R"(sluice_errors_total{code="host_busy"} 1)");
  const std::string duration = "sluice_request_duration_seconds";
  const std::string labels = R"({family="hls",step="first_byte")";
  has(duration + "_bucket" + labels + R"(,le="0.001"} 0)");
  has(duration + "_bucket" + labels + R"(,le="0.0025"} 1)");
  has(duration + "_bucket" + labels + R"(,le="60"} 1)");
  has(duration + "_bucket" + labels + R"(,le="+Inf"} 2)");
  has(duration + "_count" + labels + "} 2");
  has(duration + "_sum" + labels + "} 70.002");
  has(R"(sluice_origin_connections_in_flight{origin="http://a \"b\"\n"} 3)");
  has(R"(sluice_origin_connections_kept{origin="http://a \"b\"\n"} 2)");
  has(R"(sluice_origin_requests_waiting{origin="http://a \"b\"\n"} 7)");
  has("# TYPE sluice_requests_total counter");
  // Each family is told once.
  const std::string type = "# TYPE sluice_sent_bytes_total";
  CHECK(text.find(type) != std::string::npos);
  CHECK(text.find(type) == text.rfind(type));
}
