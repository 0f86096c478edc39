#include "sluice/media/hls_rewrite.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/check.hpp"
#include "sluice/hls/lines.hpp"
#include "sluice/hls/playlist.hpp"
#include "sluice/hls/skip.hpp"
#include "sluice/hls/start.hpp"
#include "sluice/hls/tag.hpp"
#include "sluice/hls/variants.hpp"
#include "unit/media/mappers.hpp"

using namespace sluice;
using fuzz::check;

namespace {

constexpr std::string_view kMarker = "http://proxy/marker";

/// A line that had URIs: what stands before the first marker, after the last one, and the ending
/// have to be the original's. A variable from the URL is spelled out.
void check_changed_line(const hls::Line& before, const hls::Line& after) {
  check(before.ending == after.ending, "line endings survive");
  if (before.text == after.text) return;
  if (after.text.starts_with("# content steering left out")) {
    check(before.text.find("#EXT-X-CONTENT-STEERING") != before.text.npos,
          "nothing else is left out");
    return;
  }
  const auto first = after.text.find(kMarker);
  if (first == std::string_view::npos) {
    const auto tag = hls::parse_tag(before.text);
    check(tag && tag->name == "EXT-X-DEFINE", "only URIs change");
    return;
  }
  std::string_view tail = after.text.substr(after.text.rfind(kMarker) + kMarker.size());
  check(before.text.starts_with(after.text.substr(0, first)), "what precedes a URI survives");
  check(before.text.ends_with(tail), "what follows a URI survives");
}

void check_lines(std::string_view playlist, const Url& base) {
  const auto out =
      media::rewrite_playlist(playlist, base, media::test::FixedMapper(std::string(kMarker)));
  check(out.has_value(), "a short playlist is rewritten");
  hls::LineReader before(hls::skip_byte_order_mark(playlist));
  hls::LineReader after(hls::skip_byte_order_mark(*out));
  while (const auto line = before.next()) {
    const auto rewritten = after.next();
    check(rewritten.has_value(), "no line is lost");
    check_changed_line(*line, *rewritten);
  }
  check(!after.next(), "no line is added");
}

void check_absolute(std::string_view playlist, const Url& base) {
  const auto once = media::rewrite_playlist(playlist, base, media::test::AbsoluteMapper());
  check(once.has_value(), "a short playlist is rewritten");
  const auto other = Url::parse("http://elsewhere/dir/").value();
  const auto twice = media::rewrite_playlist(*once, other, media::test::AbsoluteMapper());
  check(twice.has_value() && *twice == *once, "an absolute playlist does not change again");
}

/// What changes the text before its addresses never fails on a short one, and does nothing twice.
void check_edits(std::string_view playlist, const Url& base) {
  const auto started = hls::with_start(playlist, -18);
  check(hls::with_start(started, -18) == started, "a start is put once");
  const auto chosen = hls::keep_variant(playlist, {720, false});
  check(hls::keep_variant(chosen, {720, false}) == chosen, "one variant stays the only one");
  const auto ranges = hls::TimeRanges::parse("0-7,20-21.5").value();
  constexpr std::size_t kAmple = std::size_t{64} * 1024 * 1024;
  check(hls::remove_time_ranges(playlist, ranges, kAmple).has_value(), "time can be cut out");
  media::HlsRewriteOptions options;
  options.decrypt = true;
  options.imported.define("a", "http://h/{$a}");
  check(media::rewrite_playlist(playlist, base, media::test::DescribingMapper(), std::move(options))
            .has_value(),
        "keys can be taken out");
}

void check_verdicts(std::string_view playlist) {
  if (hls::sniff_playlist(playlist) == hls::Sniff::playlist) {
    check(hls::classify_body(playlist) == hls::BodyKind::playlist, "sniffing and judging agree");
  }
  check(!(hls::is_live(playlist) && hls::is_master(playlist)), "a master is not live");
}

}  // namespace

/// Input: the playlist's URL, a line break, the playlist.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto [address, playlist] = fuzz::split_line(input);
  const auto base = Url::parse(address);
  // Long enough for every state, short enough that the output's bound is never met.
  if (!base || playlist.size() > 64 * 1024 || address.size() > 256) return 0;
  // An input that brings the marker with it proves nothing about where it was put.
  const bool has_marker = input.find("proxy") != std::string_view::npos;
  if (!has_marker) check_lines(playlist, *base);
  check_absolute(playlist, *base);
  check_edits(playlist, *base);
  check_verdicts(playlist);
  return 0;
}
