// URLs and queries as they come with every request and every line of a playlist.

#include <benchmark/benchmark.h>

#include <string_view>

#include "sluice/core/query.hpp"
#include "sluice/core/url.hpp"

namespace sluice {
namespace {

constexpr std::string_view kPlaylist =
    "https://edge-17.cdn.example:8443/live/ch1/1080p/"
    "index.m3u8?token=0123456789abcdef&exp=1767225600";
constexpr std::string_view kQuery =
    "d=https%3A%2F%2Fedge-17.cdn.example%3A8443%2Flive%2Fch1%2F1080p%2Fseg-000123.ts%3Ftoken%"
    "3D0123&"
    "api_password=a+long+password&h_referer=https%3A%2F%2Fsite.example%2F&"
    "h_user-agent=Mozilla%2F5.0+%28X11%29";

void parse_url(benchmark::State& state) {
  for (auto _ : state) {
    auto url = Url::parse(kPlaylist);
    if (!url) return state.SkipWithError("the URL is refused");
    benchmark::DoNotOptimize(url);
  }
}
BENCHMARK(parse_url);

void resolve_url(benchmark::State& state, std::string_view reference) {
  const Url base = Url::parse(kPlaylist).value();
  for (auto _ : state) {
    auto url = base.resolve(reference);
    if (!url) return state.SkipWithError("the reference is refused");
    benchmark::DoNotOptimize(url);
  }
}
BENCHMARK_CAPTURE(resolve_url, name, "seg-000123.ts");
BENCHMARK_CAPTURE(resolve_url, dots, "../../media/./ch1/seg-000123.ts?part=2");
BENCHMARK_CAPTURE(resolve_url, absolute, "https://other.example/live/seg-000123.ts");

void parse_query(benchmark::State& state) {
  for (auto _ : state) {
    auto query = Query::parse(kQuery);
    benchmark::DoNotOptimize(query);
  }
}
BENCHMARK(parse_query);

}  // namespace
}  // namespace sluice
