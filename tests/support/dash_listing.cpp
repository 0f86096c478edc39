#include "support/dash_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sluice::test {
namespace {

std::string to_text(dash::int128 value) {
  if (value < 0) return "-" + to_text(-value);
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value > 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string to_text(const std::optional<dash::ByteRange>& range) {
  if (!range) return {};
  return fmt::format("{}-{}", range->first, range->last ? std::to_string(*range->last) : "");
}

}  // namespace

std::string to_text(const dash::Seconds& seconds) {
  const auto scale = static_cast<dash::int128>(seconds.scale());
  const std::string numerator = to_text(seconds.whole() * scale + seconds.part());
  return seconds.scale() == 1 ? numerator : fmt::format("{}/{}", numerator, seconds.scale());
}

OracleSegment to_oracle(const dash::Segment& segment) {
  return {segment.resource.url,   to_text(segment.resource.range),
          to_text(segment.start), to_text(segment.length),
          segment.number,         segment.sub_number};
}

std::vector<OracleTrack> list_by_room(const dash::Mpd& mpd, dash::Time now) {
  std::vector<OracleTrack> tracks;
  for (std::size_t i = 0; i < mpd.periods.size(); ++i) {
    for (const auto& set : mpd.periods[i].adaptation_sets) {
      for (const auto& representation : set.representations) {
        auto segments =
            dash::Segments::list(mpd, mpd.periods[i], representation, {now, 0, nullptr});
        if (!segments) throw std::runtime_error(segments.error().context);
        const auto all = segments->all();
        if (!all) throw std::runtime_error(all.error().context);
        tracks.push_back({i, representation.id, {}});
        for (const auto& segment : *all) tracks.back().segments.push_back(to_oracle(segment));
      }
    }
  }
  return tracks;
}

std::string describe(const OracleSegment& segment) {
  const std::string sub = segment.sub_number > 0 ? fmt::format(".{}", segment.sub_number) : "";
  return fmt::format("{} {} @{} +{} #{}{}", segment.url,
                     segment.range.empty() ? "-" : segment.range, segment.start, segment.duration,
                     segment.number, sub);
}

std::string corpus_mpd(std::string_view name) {
  const std::string path = fmt::format("{}/corpus/dash/{}.mpd", SLUICE_TEST_DIR, name);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string corpus_url(std::string_view name) {
  return fmt::format("https://cdn.example/live/{}/manifest.mpd?session=1/2", name);
}

}  // namespace sluice::test
