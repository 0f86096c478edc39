// Whole playlists, with the mapper that the server uses.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "routes/child_urls.hpp"
#include "routes/playlist_edits.hpp"
#include "sluice/media/hls_rewrite.hpp"

// SLUICE_GOLDEN_DIR is the path of the golden playlists, given by the build.

namespace sluice::media {
namespace {

std::string golden(const std::string& scenario) {
  std::ifstream file(SLUICE_GOLDEN_DIR "/" + scenario + "/in.m3u8", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// What a channel with a long time-shift window serves.
std::string long_playlist(int segments) {
  std::string text =
      "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:1\n";
  for (int number = 0; number < segments; ++number) {
    text += fmt::format("#EXTINF:6.000,\nch1/1080p/seg-{:06}.ts\n", number);
  }
  return text + "#EXT-X-ENDLIST\n";
}

void rewrite(benchmark::State& state, const std::string& playlist) {
  if (playlist.empty()) return state.SkipWithError("there is no such playlist");
  const Url base = Url::parse("https://cdn.example/live/ch1/index.m3u8?sess=1/2").value();
  const access::Gate gate{access::Settings()};
  const access::Authority anybody;
  const routes::ChildUrls mapper({"http://proxy.example:8888", gate, anybody},
                                 Query::parse("h_referer=https%3A%2F%2Fsite.example%2F"), {});
  std::int64_t written = 0;
  for (auto _ : state) {
    auto out = rewrite_playlist(playlist, base, mapper);
    if (!out) return state.SkipWithError("the playlist is refused");
    written += static_cast<std::int64_t>(out->size());
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(written);  // of output
}
BENCHMARK_CAPTURE(rewrite, master, golden("hls_master_all_tags"));
BENCHMARK_CAPTURE(rewrite, media_ts_keys, golden("hls_media_ts_keys"));
BENCHMARK_CAPTURE(rewrite, media_fmp4, golden("hls_media_fmp4"));
BENCHMARK_CAPTURE(rewrite, low_latency, golden("hls_low_latency"));
BENCHMARK_CAPTURE(rewrite, iptv_list, golden("hls_iptv_list"));
BENCHMARK_CAPTURE(rewrite, segments_1000, long_playlist(1000))->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(rewrite, segments_10000, long_playlist(10'000))->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(rewrite, segments_100000, long_playlist(100'000))->Unit(benchmark::kMicrosecond);

/// The longest that a worker is held up by one step, as routes/hls_manifest takes them, and by the
/// making of the rewriter before.
void longest_step(benchmark::State& state, const std::string& playlist) {
  const Url base = Url::parse("https://cdn.example/live/ch1/index.m3u8").value();
  const access::Gate gate{access::Settings()};
  const access::Authority anybody;
  const routes::ChildUrls mapper({"http://proxy.example:8888", gate, anybody}, {}, {});
  constexpr std::size_t kStep = std::size_t{128} * 1024;
  double longest = 0;
  for (auto _ : state) {
    auto began = std::chrono::steady_clock::now();
    const auto note = [&] {
      const auto now = std::chrono::steady_clock::now();
      longest = std::max(longest, std::chrono::duration<double, std::milli>(now - began).count());
      began = now;
    };
    PlaylistRewriter rewriter(playlist, base, mapper);
    note();
    for (bool done = false; !done; note()) done = rewriter.step(kStep).value();
    benchmark::DoNotOptimize(rewriter.take());
  }
  state.counters["longest_ms"] = longest;
}
BENCHMARK_CAPTURE(longest_step, segments_100000, long_playlist(100'000))
    ->Unit(benchmark::kMicrosecond);

/// What parameters change before, all of it at once.
void edit(benchmark::State& state, const char* query, const std::string& playlist) {
  const auto edits = routes::PlaylistEdits::parse(Query::parse(query), {}).value();
  for (auto _ : state) {
    auto out = edits.apply_to(playlist, std::size_t{64} * 1024 * 1024);
    if (!out) return state.SkipWithError("the playlist is refused");
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK_CAPTURE(edit, nothing_segments_100000, "", long_playlist(100'000))
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(edit, skip_segments_100000, "skip=0-100,5000-6000", long_playlist(100'000))
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sluice::media
