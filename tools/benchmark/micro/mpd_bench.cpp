// Whole MPDs: what a playlist request costs before anything is written.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "sluice/dash/segments.hpp"

namespace sluice::dash {
namespace {

/// An archive whose segments all differ in length: one S element of 100 bytes for each.
std::string uneven_timeline(std::uint64_t segments) {
  std::string text =
      "<MPD mediaPresentationDuration=\"PT100H\"><Period><AdaptationSet mimeType=\"video/mp4\">"
      "<SegmentTemplate timescale=\"10000000\" "
      "media=\"$RepresentationID$/$Time$.m4s\"><SegmentTimeline>\n";
  for (std::uint64_t i = 0; i < segments; ++i) {
    text += fmt::format("{:50}<S t=\"{:020}\" d=\"{}\" r=\"0\"/>\n", "", i * 20'000'000,
                        20'000'000 - i % 7);
  }
  return text +
         "</SegmentTimeline></SegmentTemplate><Representation id=\"v\" bandwidth=\"1\"/>"
         "</AdaptationSet></Period></MPD>";
}

void parse_and_list(benchmark::State& state) {
  const auto text = uneven_timeline(static_cast<std::uint64_t>(state.range(0)));
  const auto url = Url::parse("https://cdn.example/live/manifest.mpd").value();
  for (auto _ : state) {
    const auto mpd = parse_mpd(text, url);
    if (!mpd) return state.SkipWithError("the MPD is refused");
    const auto& period = mpd->periods[0];
    auto segments = Segments::list(*mpd, period, period.adaptation_sets[0].representations[0], {});
    if (!segments) return state.SkipWithError("there is no list");
    auto all = segments->all();
    if (!all || all->size() != static_cast<std::size_t>(state.range(0))) {
      return state.SkipWithError("segments are missing");
    }
    benchmark::DoNotOptimize(all);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(parse_and_list)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);

/// What a refresh of a live playlist needs of a parsed MPD: the window's last segments.
void list_window(benchmark::State& state) {
  const auto mpd = parse_mpd(uneven_timeline(10'000), Url::parse("https://h/").value()).value();
  const auto& period = mpd.periods[0];
  for (auto _ : state) {
    auto segments =
        Segments::list(mpd, period, period.adaptation_sets[0].representations[0], {}).value();
    auto last = segments.slice(segments.size() - 15, 15);
    benchmark::DoNotOptimize(last);
  }
}
BENCHMARK(list_window)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sluice::dash
