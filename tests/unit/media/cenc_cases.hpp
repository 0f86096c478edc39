#pragma once

#include <string>
#include <vector>

#include "sluice/cenc/key_set.hpp"
#include "support/bytes.hpp"
#include "support/cenc_movie.hpp"

namespace sluice::media::test {

/// All keys of a movie, by their ids.
inline cenc::KeySet keys_of(const sluice::test::CencMovie& movie) {
  std::string ids;
  std::string keys;
  const auto hex = [](const std::string& bytes) {
    cenc::Kid kid{};
    std::copy(bytes.begin(), bytes.end(), kid.begin());
    return cenc::to_string(kid) + ",";
  };
  const auto add = [&](const std::string& kid, const std::string& key) {
    ids += hex(kid);
    keys += hex(key);
  };
  for (const auto& track : movie.tracks) add(track.kid, track.key);
  for (const auto& group : movie.movie_groups) add(group.kid, group.key);
  for (const auto& fragment : movie.fragments) {
    for (const auto& traf : fragment.trafs) {
      for (const auto& group : traf.groups) add(group.kid, group.key);
    }
  }
  ids.pop_back();
  keys.pop_back();
  return cenc::KeySet::parse(ids, keys).value();
}

/// `count` samples of some sizes; every second one has subsamples when that is wanted.
inline std::vector<sluice::test::CencSample> samples(std::size_t count, std::size_t iv_size,
                                                     bool subsamples, std::uint64_t seed = 1) {
  std::vector<sluice::test::CencSample> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto size = static_cast<std::uint32_t>(i * 977 % 2500);
    sluice::test::CencSample sample{sluice::test::random_bytes(size, seed + i),
                                    sluice::test::random_bytes(iv_size, seed + 100 + i)};
    if (subsamples && i % 2 == 1) {
      sample.subsamples = {{size / 9, size / 16 * 5}, {size / 7, size / 16 * 4 / 16 * 16}};
    }
    all.push_back(sample);
  }
  return all;
}

/// One track, one fragment of one run.
inline sluice::test::CencMovie simple_movie(const std::string& scheme, unsigned iv_size) {
  sluice::test::CencMovie movie;
  sluice::test::CencTrack track;
  track.scheme = scheme;
  track.iv_size = iv_size;
  if (iv_size == 0) track.constant_iv = sluice::test::random_bytes(16, 12);
  movie.tracks = {track};
  movie.fragments = {{{{0, {samples(6, iv_size, true)}}}}};
  return movie;
}

struct Layout {
  std::string why;
  sluice::test::CencMovie movie;
};

/// Movies that differ in everything but their schemes.
[[nodiscard]] std::vector<Layout> layouts();

}  // namespace sluice::media::test
