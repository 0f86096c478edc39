// The layouts of fragmented movies that decryption has to know.

#include <utility>

#include "unit/media/cenc_cases.hpp"

namespace sluice::media::test {

using namespace sluice::test;

namespace {

/// Video of cenc and sound of cbcs, each with a key of its own.
CencMovie two_tracks() {
  CencTrack video;
  CencTrack audio;
  audio.id = 2;
  audio.entry = "enca";
  audio.format = "mp4a";
  audio.entry_header = 28;
  audio.scheme = "cbcs";
  audio.iv_size = 0;
  audio.constant_iv = random_bytes(16, 5);
  audio.key = random_bytes(16, 6);
  audio.kid = random_bytes(16, 7);
  CencMovie movie;
  movie.tracks = {video, audio};
  CencFragment fragment;
  fragment.trafs = {{0, {samples(4, 8, true, 1), samples(3, 8, true, 20)}},
                    {1, {samples(5, 0, false, 40), samples(2, 0, false, 60)}, AuxPlace::nowhere}};
  movie.fragments = {fragment, fragment, fragment};
  return movie;
}

CencMovie rotated() {
  auto movie = simple_movie("cenc", 8);
  movie.movie_groups = {{random_bytes(16, 50), random_bytes(16, 51)},
                        {random_bytes(16, 52), random_bytes(16, 53), false, 0}};
  auto& traf = movie.fragments.front().trafs.front();
  traf.groups = {{random_bytes(16, 60), random_bytes(16, 61)},
                 {random_bytes(16, 62), random_bytes(16, 63), true, 16}};
  auto& run = traf.runs.front();
  run = samples(8, 8, true);
  const std::uint32_t groups[] = {0, 1, 1, 2, 0x10001, 0x10002, 0, 1};
  for (std::size_t i = 0; i < run.size(); ++i) {
    run[i].group = groups[i];
    if (groups[i] == 2) run[i].iv.clear();
    if (groups[i] == 0x10002) run[i].iv = random_bytes(16, i);
  }
  return movie;
}

CencMovie with_fragment(void (*change)(CencFragment&)) {
  auto movie = two_tracks();
  for (auto& fragment : movie.fragments) change(fragment);
  return movie;
}

CencMovie entry_of(const char* entry, const char* format, std::size_t header) {
  auto movie = simple_movie("cenc", 16);
  movie.tracks.front().entry = entry;
  movie.tracks.front().format = format;
  movie.tracks.front().entry_header = header;
  return movie;
}

CencMovie clear_lead(bool by_entry) {
  auto movie = simple_movie("cenc", 8);
  auto lead = movie.fragments.front();
  lead.trafs.front().clear_entry = by_entry;
  lead.trafs.front().aux = AuxPlace::nowhere;
  for (auto& sample : lead.trafs.front().runs.front()) {
    sample.clear = true;
    sample.iv.clear();
  }
  movie.fragments.insert(movie.fragments.begin(), lead);
  return movie;
}

CencMovie last_to_the_end() {
  auto movie = simple_movie("cbc1", 16);
  movie.fragments.front().mdat_to_the_end = true;
  return movie;
}

CencMovie same_size() {
  auto movie = simple_movie("cbcs", 16);
  movie.fragments.front().sizes_in_tfhd = true;
  for (auto& sample : movie.fragments.front().trafs.front().runs.front()) {
    sample.plain = random_bytes(333, 5);
    sample.subsamples.clear();
  }
  return movie;
}

CencMovie not_protected() {
  auto movie = simple_movie("cenc", 0);
  movie.tracks.front().is_protected = false;
  movie.tracks.front().constant_iv.clear();
  return movie;
}

}  // namespace

std::vector<Layout> layouts() {
  return {
      {"tracks of two schemes and keys, several runs and fragments", two_tracks()},
      {"runs of two tracks in turns", with_fragment([](auto& f) { f.interleaved = true; })},
      {"a base in the file", with_fragment([](auto& f) { f.base_data_offset = true; })},
      {"gaps between the runs", with_fragment([](auto& f) { f.gaps = f.interleaved = true; })},
      {"64-bit sizes", with_fragment([](auto& f) { f.large_mdat = true; })},
      {"the last mdat reaches up to the end", last_to_the_end()},
      {"what is said about samples lies in front of them", with_fragment([](auto& f) {
         f.trafs[0].aux = AuxPlace::in_mdat;
         f.interleaved = f.gaps = f.base_data_offset = true;
       })},
      {"one size for all samples", same_size()},
      {"several keys, of the movie and of the fragment, and clear groups", rotated()},
      {"clear at first, by the sample entry", clear_lead(true)},
      {"clear at first, by saying nothing", clear_lead(false)},
      {"tenc says that it is not protected", not_protected()},
      {"sound", entry_of("enca", "ec-3", 28)},
      {"sound of QuickTime, version 1", entry_of("enca", "mp4a", 44)},
      {"sound of QuickTime, version 2", entry_of("enca", "mp4a", 64)},
      {"subtitles", entry_of("enct", "wvtt", 8)},
      {"any system stream", entry_of("encs", "stpp", 30)},
      {"what nobody has heard of", entry_of("encu", "xyz1", 11)},
  };
}

}  // namespace sluice::media::test
