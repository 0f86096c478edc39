#include "sluice/core/metrics.hpp"

#include <atomic>
#include <string>
#include <thread>

#include "support/catch.hpp"

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("Routes belong to families by the beginning of their path", "[core][unit]") {
  struct Row {
    const char* why;
    std::string pattern;
    RouteFamily family;
  };
  const Row rows[] = {
      {"stream", "/proxy/stream", RouteFamily::stream},
      {"with a tail", "/proxy/stream/{filename}", RouteFamily::stream},
      {"manifest", "/proxy/hls/manifest.m3u8", RouteFamily::hls},
      {"segment", "/proxy/hls/segment.{ext}", RouteFamily::hls},
      {"DASH", "/proxy/mpd/segment.{ext}", RouteFamily::mpd},
      {"Telegram", "/proxy/telegram/stream", RouteFamily::telegram},
      {"extractor", "/extractor/video", RouteFamily::extractor},
      {"another one below /proxy", "/proxy/ip", RouteFamily::other},
      {"health", "/health", RouteFamily::other},
      {"none was found", "-", RouteFamily::other},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(family_of(row.pattern) == row.family);
  }
}

TEST_CASE("DurationHistogram counts in the bucket whose bound is not exceeded", "[core][unit]") {
  struct Row {
    const char* why;
    Clock::duration length;
    std::size_t bucket;
  };
  const Row rows[] = {
      {"nothing", 0ms, 0},
      {"a clock that went back", -5ms, 0},
      {"up to the first bound", 1ms, 0},
      {"just over it", 1ms + 1ns, 1},
      {"in between", 300ms, 8},
      {"the last bound", 60s, 14},
      {"over all bounds", 60s + 1ns, 15},
      {"very long", 100h, 15},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    DurationHistogram histogram;
    histogram.observe(row.length);
    DurationCounts counts;
    histogram.add_to(counts);
    CHECK(counts.buckets[row.bucket] == 1);
    CHECK(counts.count() == 1);
    CHECK(counts.sum == std::max<std::chrono::nanoseconds>(row.length, 0ns));
  }
}

TEST_CASE("Metrics are those of all workers together", "[core][unit]") {
  WorkerMetrics a;
  WorkerMetrics b;
  Metrics metrics;
  metrics.join(a);
  metrics.join(b);
  a.add(Count::connections_accepted, 3);
  b.add(Count::connections_refused);
  a.add(Count::bytes_copied, 1'000'000'000'000);
  b.add(Count::bytes_copied, 1);
  b.add(Count::auth_too_many_failures);
  a.add_error(Errc::bad_request);
  b.add_error(Errc::internal);
  b.add_failed_connect(Errc::connect_failed);
  a.add_request(RouteFamily::hls);
  b.add_request(RouteFamily::hls);
  a.add_answer("/a", 200);
  b.add_answer("/a", 200);
  b.add_answer("/b", 200);
  b.add_answer("/a", 404);
  a.observe(RouteFamily::hls, Step::dial, 2ms);
  b.observe(RouteFamily::hls, Step::dial, 2s);
  a.observe_limiter_wait(1s);

  const auto all = metrics.snapshot();
  CHECK(all[Count::connections_accepted] == 3);
  CHECK(all[Count::connections_refused] == 1);
  CHECK(all[Count::connections_ended] == 0);
  CHECK(all[Count::bytes_copied] == 1'000'000'000'001);
  CHECK(all[Count::auth_too_many_failures] == 1);
  CHECK(all.errors.front() == 1);
  CHECK(all.errors.back() == 1);
  CHECK(all.failed_connects[static_cast<std::size_t>(Errc::connect_failed)] == 1);
  const auto& hls = all.families[static_cast<std::size_t>(RouteFamily::hls)];
  CHECK(hls.requests == 2);
  CHECK(hls.steps[static_cast<std::size_t>(Step::dial)].count() == 2);
  CHECK(hls.steps[static_cast<std::size_t>(Step::dial)].sum == 2002ms);
  CHECK(hls.steps[static_cast<std::size_t>(Step::total)].count() == 0);
  CHECK(all.limiter_wait.count() == 1);
  const decltype(all.requests) want{{{"/a", 200}, 2}, {{"/a", 404}, 1}, {{"/b", 200}, 1}};
  CHECK(all.requests == want);
}

TEST_CASE("Metrics keep an origin that invents statuses within bounds", "[core][unit]") {
  WorkerMetrics worker;
  for (unsigned status = 100; status < 600; ++status) worker.add_answer("/a", status);
  worker.add_answer("/a", 100);
  MetricsSnapshot all;
  worker.add_to(all);
  CHECK(all.requests.size() == 31);
  CHECK(all.requests[{"/a", 100}] == 2);
  CHECK(all.requests[{"/a", 129}] == 1);
  CHECK(all.requests[{"/a", 0}] == 470);
}

TEST_CASE("Metrics may be read while they are written", "[core][unit]") {
  constexpr std::uint64_t kRequests = 20'000;
  WorkerMetrics worker;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < kRequests; ++i) {
      worker.add(Count::requests_ended);
      worker.add_answer("/" + std::to_string(i % 20), 200 + static_cast<unsigned>(i % 3));
    }
    done = true;
  });
  std::uint64_t last = 0;
  bool fell = false;
  while (!done) {
    MetricsSnapshot now;
    worker.add_to(now);
    fell = fell || now[Count::requests_ended] < last;
    last = now[Count::requests_ended];
  }
  writer.join();
  CHECK_FALSE(fell);
  MetricsSnapshot end;
  worker.add_to(end);
  CHECK(end[Count::requests_ended] == kRequests);
  std::uint64_t sum = 0;
  for (const auto& [key, count] : end.requests) sum += count;
  CHECK(sum == kRequests);
  CHECK(end.requests.size() == 60);
}
