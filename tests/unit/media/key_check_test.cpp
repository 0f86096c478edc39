#include "media/key_check.hpp"

#include <memory>
#include <string>
#include <vector>

#include "sluice/media/mp4_decryption.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "unit/media/cenc_cases.hpp"
#include "unit/media/stages.hpp"

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;
using namespace sluice::test;
using Verdict = KeyCheck::Verdict;

namespace {

/// The last verdict about samples that begin so.
Verdict judge(KeyCheck check, const std::vector<std::string>& samples) {
  auto verdict = Verdict::open;
  for (const auto& sample : samples) {
    verdict =
        check.look(sample.substr(0, KeyCheck::kLook), static_cast<std::uint32_t>(sample.size()));
    if (verdict != Verdict::open) break;
  }
  return verdict;
}

/// Samples of AAC that begin with these elements.
std::vector<std::string> aac(const std::vector<unsigned>& elements, std::size_t size = 300) {
  std::vector<std::string> samples;
  for (const auto element : elements) {
    auto sample = random_bytes(size, samples.size() + 1);
    sample[0] = static_cast<char>(element << 5U | (static_cast<unsigned char>(sample[0]) & 0x1fU));
    samples.push_back(sample);
  }
  return samples;
}

std::vector<std::string> with_start(const std::string& start, std::size_t count) {
  std::vector<std::string> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back(start + random_bytes(200, i + 1));
  return samples;
}

}  // namespace

TEST_CASE("A key is called wrong only when the samples cannot be what they should be",
          "[mp4][unit]") {
  struct Row {
    const char* why;
    const char* format;
    std::vector<std::string> samples;
    Verdict verdict;
  };
  const Row rows[] = {
      {"AAC whose samples begin alike", "mp4a", aac(std::vector(8, 1U)), Verdict::right},
      {"AAC with a different one now and then", "mp4a",
       aac({1, 6, 1, 1, 6, 1, 4, 1, 0, 1, 1, 5, 1, 6, 1, 1, 6, 1, 4, 1}), Verdict::open},
      {"AAC that can only be random", "mp4a", aac({1, 7, 3, 0, 5, 7}), Verdict::wrong},
      {"ends alone, which some encoder may take for silence", "mp4a", aac(std::vector(39, 7U)),
       Verdict::open},
      {"samples too short to tell", "mp4a", aac({1, 7, 3, 0, 5, 7}, 9), Verdict::open},
      {"AC-3", "ac-3", with_start("\x0b\x77", 1), Verdict::right},
      {"E-AC-3 after a damaged sample",
       "ec-3",
       {random_bytes(90), "\x0b\x77" + random_bytes(90)},
       Verdict::right},
      {"E-AC-3 that is random", "ec-3", with_start("ab", 4), Verdict::wrong},
      {"three are not enough", "ec-3", with_start("ab", 3), Verdict::open},
      {"FLAC", "fLaC", with_start("\xff\xf8", 1), Verdict::right},
      {"FLAC that is random", "fLaC", with_start("\xff\xe8", 4), Verdict::wrong},
      {"WebVTT", "wvtt", {iso_box("vttc", "text")}, Verdict::right},
      {"WebVTT that is random", "wvtt", with_start("abcd", 4), Verdict::wrong},
      {"video", "avc1", with_start("abcd", 4), Verdict::right},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(judge(KeyCheck(mp4::four_cc(row.format), true), row.samples) == row.verdict);
  }
}

TEST_CASE("With a wrong key nothing of a movie leaves whose samples tell", "[mp4][unit]") {
  auto movie = simple_movie("cenc", 8);
  movie.tracks.front().format = "ec-3";
  std::size_t number = 0;
  for (auto& sample : movie.fragments.front().trafs.front().runs.front()) {
    sample.plain = "\x0b\x77" + random_bytes(200, ++number);
    sample.subsamples.clear();
  }
  const auto stream = movie.init(false) + movie.media(false, movie.init(false).size());
  const auto right =
      run_every_way([&] { return make_mp4_decryption(keys_of(movie), nullptr); }, stream);
  CHECK(right.error == "");
  CHECK((right.output == movie.init(true) + movie.media(true, movie.init(false).size())));
  const auto wrong = cenc::KeySet::for_everything({'w'});
  for (const Split& split : {Split{1 << 20}, Split{1}, Split{100}}) {
    const auto outcome = run(chain_of(make_mp4_decryption(wrong, nullptr)), stream, split);
    CHECK(outcome.output == "");
    CHECK(outcome.error.find("wrong one") != std::string::npos);
  }
  // Fragments without anything in front of them.
  const auto init =
      std::make_shared<const Mp4Protection>(Mp4Protection::parse(movie.init(false)).value());
  for (const Split& split : {Split{1 << 20}, Split{1}, Split{100}}) {
    const auto outcome = run(chain_of(make_mp4_decryption(wrong, init)), movie.media(false), split);
    CHECK(outcome.output == "");
    CHECK(outcome.error.find("wrong one") != std::string::npos);
  }
}

TEST_CASE("Samples that tell nothing are not held back", "[mp4][unit]") {
  auto movie = simple_movie("cenc", 8);
  for (const auto* format : {"avc1", "ec-3"}) {
    movie.tracks.front().format = format;
    // The first sample of "ec-3" that is not empty has clear parts, so it tells nothing either.
    const auto start = movie.init(false) + movie.media(false, movie.init(false).size());
    const auto stage = make_mp4_decryption(keys_of(movie), nullptr);
    std::string input = start.substr(0, start.size() - 100);
    std::size_t given = 0;
    for (Bytes rest(input); !rest.empty();) {
      const auto step = stage->feed(rest);
      REQUIRE(step.has_value());
      given += step->output.size();
      rest = rest.subspan(step->taken);
    }
    CHECK(given + 16 > input.size());
  }
}
