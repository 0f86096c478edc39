#include "sluice/media/mp4_decryption.hpp"

#include <memory>
#include <string>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/cenc_movie.hpp"
#include "unit/media/cenc_cases.hpp"
#include "unit/media/stages.hpp"

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;
using namespace sluice::test;

TEST_CASE("A fragmented movie is decrypted in every layout, however it arrives", "[mp4][unit]") {
  for (const auto& row : layouts()) {
    INFO(row.why);
    const auto& movie = row.movie;
    const auto keys = keys_of(movie);
    const auto init = movie.init(false);
    SECTION(row.why + ": with its initialisation segment") {
      const auto outcome = run_every_way([&] { return make_mp4_decryption(keys, nullptr); },
                                         init + movie.media(false, init.size()));
      CHECK(outcome.error == "");
      CHECK((outcome.output == movie.init(true) + movie.media(true, init.size())));
    }
    SECTION(row.why + ": media segments") {
      const auto protection = Mp4Protection::parse(init);
      REQUIRE(protection.has_value());
      const auto shared = std::make_shared<const Mp4Protection>(*protection);
      CHECK(shared->check_keys(keys).has_value());
      const auto outcome =
          run_every_way([&] { return make_mp4_decryption(keys, shared); }, movie.media(false));
      CHECK(outcome.error == "");
      CHECK((outcome.output == movie.media(true)));
    }
    auto alone = init;
    CHECK(unprotect_init(alone).has_value());
    CHECK((alone == movie.init(true)));
  }
}

TEST_CASE("Every scheme, pattern, size of IV and place of it is decrypted", "[mp4][unit]") {
  for (const auto* scheme : {"cenc", "cens", "cbc1", "cbcs"}) {
    for (const unsigned iv_size : {8U, 16U, 0U}) {
      for (const auto& [crypt, skip] : {std::pair(0U, 0U), {1U, 9U}, {5U, 5U}, {2U, 0U}}) {
        for (const auto aux : {AuxPlace::senc, AuxPlace::senc_and_sizes, AuxPlace::in_moof,
                               AuxPlace::in_mdat, AuxPlace::piff}) {
          auto movie = simple_movie(scheme, iv_size);
          auto& track = movie.tracks.front();
          track.crypt_blocks = crypt;
          track.skip_blocks = skip;
          movie.fragments.front().trafs.front().aux = aux;
          if (aux == AuxPlace::piff) {
            if (std::string(scheme) == "cens" || std::string(scheme) == "cbcs") continue;
            if (iv_size == 0 || crypt > 0) continue;
            track.piff = true;
          }
          CAPTURE(scheme, iv_size, crypt, skip, static_cast<int>(aux));
          const auto stream = movie.init(false) + movie.media(false, movie.init(false).size());
          const auto whole =
              run(chain_of(make_mp4_decryption(keys_of(movie), nullptr)), stream, {1 << 20});
          CHECK(whole.error == "");
          CHECK((whole.output == movie.init(true) + movie.media(true, movie.init(false).size())));
          const auto pieces =
              run(chain_of(make_mp4_decryption(keys_of(movie), nullptr)), stream, {1000, 7, 61});
          CHECK((pieces.output == whole.output));
        }
      }
    }
  }
}

TEST_CASE("Without its key nothing of a movie leaves", "[mp4][unit]") {
  const auto movie = simple_movie("cenc", 8);
  const auto keys =
      cenc::KeySet::parse("00000000000000000000000000000000,11111111111111111111111111111111",
                          "00000000000000000000000000000000,11111111111111111111111111111111");
  REQUIRE(keys.has_value());
  const auto protection = Mp4Protection::parse(movie.init(false));
  REQUIRE(protection.has_value());
  const auto missing = protection->check_keys(*keys);
  REQUIRE(missing.has_error());
  CHECK(missing.error() == client_error(Errc::bad_request));
  const std::string part = "key id 4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b";
  CHECK(missing.error().context.find(part) != std::string::npos);
  for (const Split& split : {Split{1 << 20}, Split{1}, Split{100}}) {
    const auto outcome = run(chain_of(make_mp4_decryption(*keys, nullptr)),
                             movie.init(false) + movie.media(false), split);
    CHECK(outcome.output == "");
    CHECK(outcome.error.find(part) != std::string::npos);
    const auto segment =
        run(chain_of(make_mp4_decryption(*keys, std::make_shared<Mp4Protection>(*protection))),
            movie.media(false), split);
    CHECK(segment.output == "");
    CHECK(segment.error.find(part) != std::string::npos);
  }
}

TEST_CASE("What is no encrypted movie fails, or passes unchanged", "[mp4][unit]") {
  const auto movie = simple_movie("cbcs", 0);
  const auto keys = keys_of(movie);
  const auto media = movie.media(false);
  const auto moof = media.substr(media.find("moof") - 4);
  const auto init = movie.init(false);
  const auto huge_moof = big_endian(9U << 20U, 4) + "moof";
  auto far = media;
  far[far.find("trun") + 12] = 0;  // its data offset now points into the moof
  far[far.find("trun") + 14] = 0;
  far[far.find("trun") + 15] = 9;
  struct Row {
    const char* why;
    std::string stream;
    std::string part;  ///< of the message; empty: it passes
  };
  const Row rows[] = {
      {"nothing", "", "no MP4"},
      {"a clear movie", movie.init(true) + movie.media(true), ""},
      {"a page", "<!DOCTYPE html><title>Not found</title>", "no MP4"},
      {"no box at all", std::string(20, 'G'), "no MP4"},
      {"a box smaller than its header", std::string("\0\0\0\5free", 8), "too small"},
      {"zeros at the end", movie.init(true) + std::string(5, '\0'), ""},
      {"a fragment of what is not described", moof, "without an initialisation"},
      {"media before its description", iso_box("mdat", "abc") + init, "in front of"},
      {"a moof too large", init + huge_moof, "larger than"},
      {"cut in a header", init + media.substr(0, 5), "in the middle"},
      {"cut in a moof", init + media.substr(0, media.find("moof") + 30), "in the middle"},
      {"cut in a sample", init + media.substr(0, media.size() - 1), "in the middle"},
      {"samples in front", init + far, "in front of"},
      {"an unknown scheme", std::string(init).replace(init.find("cbcs"), 4, "abcd"),
       "unknown scheme 'abcd'"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto outcome =
        run_every_way([&] { return make_mp4_decryption(keys, nullptr); }, row.stream);
    CHECK(outcome.error.find(row.part) != std::string::npos);
    CHECK(outcome.error.empty() == row.part.empty());
    if (row.part.empty()) CHECK((outcome.output == row.stream));
  }
}

TEST_CASE("A damaged movie gives output or a clean error", "[mp4][unit]") {
  auto movie = simple_movie("cbcs", 0);
  auto& fragment = movie.fragments.front();
  for (auto& sample : fragment.trafs.front().runs.front()) {
    sample.plain.resize(60);
    sample.subsamples = {{10, 40}};
  }
  fragment.trafs.front().aux = AuxPlace::senc_and_sizes;
  const auto stream = movie.init(false) + movie.media(false, movie.init(false).size());
  const auto keys = keys_of(movie);
  const auto decrypt = [&](const std::string& input) {
    return run(chain_of(make_mp4_decryption(keys, nullptr)), input, {1 << 20});
  };
  for (std::size_t size = 0; size < stream.size(); ++size) {
    const auto outcome = decrypt(stream.substr(0, size));
    CHECK(outcome.output.size() <= size);
    if (outcome.error.empty()) CHECK(outcome.output.size() == size);
  }
  for (std::size_t at = 0; at < stream.size(); ++at) {
    for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
      auto damaged = stream;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
      const auto outcome = decrypt(damaged);
      CHECK((outcome.output.size() == stream.size() || !outcome.error.empty()));
    }
  }
}
