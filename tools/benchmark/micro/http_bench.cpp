// Heads as a browser with hls.js sends them and as a CDN answers.

#include <benchmark/benchmark.h>

#include <string_view>

#include "sluice/http/request_head.hpp"
#include "sluice/http/response_head.hpp"

namespace sluice::http {
namespace {

constexpr std::string_view kRequest =
    "GET /proxy/hls/segment.ts?d=https%3A%2F%2Fcdn.example%2Flive%2Fch1%2Fseg-000123.ts&"
    "h_referer=https%3A%2F%2Fsite.example%2F HTTP/1.1\r\n"
    "Host: proxy.example:8888\r\n"
    "Connection: keep-alive\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/136.0.0.0 Safari/537.36\r\n"
    "Accept: */*\r\n"
    "Origin: https://player.example\r\n"
    "Sec-Fetch-Site: cross-site\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Referer: https://player.example/watch\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "Server: nginx\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "Content-Type: video/mp2t\r\n"
    "Content-Length: 7340032\r\n"
    "Connection: keep-alive\r\n"
    "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "ETag: \"6594c800-700000\"\r\n"
    "Cache-Control: max-age=31536000\r\n"
    "Access-Control-Allow-Origin: *\r\n"
    "X-Cache: HIT\r\n"
    "Age: 12\r\n"
    "Accept-Ranges: bytes\r\n"
    "\r\n";

void parse_request(benchmark::State& state) {
  const HeadLimits limits;
  for (auto _ : state) {
    auto head = parse_request_head(kRequest, limits);
    if (!head) return state.SkipWithError("the request is refused");
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kRequest.size()));
}
BENCHMARK(parse_request);

void parse_response(benchmark::State& state) {
  for (auto _ : state) {
    auto head = parse_response_head(kResponse, Method::get);
    if (!head) return state.SkipWithError("the response is refused");
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kResponse.size()));
}
BENCHMARK(parse_response);

}  // namespace
}  // namespace sluice::http
