#include <memory>
#include <string>
#include <vector>

#include "sluice/media/mp4_decryption.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/cenc_movie.hpp"
#include "unit/media/stages.hpp"

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;
using namespace sluice::test;

namespace {

const std::string kKey(16, 'k');
constexpr std::size_t kChunks = 3;
constexpr std::size_t kSamples = 2 * kChunks;  // of each track

std::string be(std::uint64_t value, unsigned width = 4) {
  return big_endian(value, width);
}

std::string plain(std::size_t track, std::size_t sample) {
  return random_bytes(100 + 37 * sample, 10 * track + sample);
}

std::string iv(std::size_t track, std::size_t sample) {
  return random_bytes(8, 90 + track + sample);
}

/// A movie without fragments, with two tracks whose chunks of two samples take turns. Decrypted: as
/// it has to be afterwards.
std::string movie(bool decrypted, bool moov_first) {
  const auto gone = [&](const std::string& type, const std::string& content) {
    return decrypted ? iso_box("free", std::string(content.size(), '\0')) : iso_box(type, content);
  };
  std::string data;
  std::vector<std::vector<std::size_t>> chunks(2);
  for (std::size_t chunk = 0; chunk < kChunks; ++chunk) {
    for (std::size_t track = 0; track < 2; ++track) {
      chunks[track].push_back(data.size());
      for (std::size_t i = 2 * chunk; i < 2 * chunk + 2; ++i) {
        const auto bytes = plain(track, i);
        data += decrypted ? bytes : encrypt_sample({"cenc", kKey, iv(track, i)}, bytes);
      }
    }
  }
  const auto moov = [&](std::size_t data_at) {
    std::string all;
    for (std::size_t track = 0; track < 2; ++track) {
      const auto tenc = be(0) + be(0, 2) + be(1, 1) + be(8, 1) + std::string(16, 'K');
      const auto sinf =
          gone("sinf", iso_box("frma", "mp4a") + iso_box("schm", be(0) + "cenc" + be(0x10000)) +
                           iso_box("schi", iso_box("tenc", tenc)));
      const auto entry = iso_box(decrypted ? "mp4a" : "enca", std::string(28, '\0') + sinf);
      std::string sizes;
      std::string ivs;
      for (std::size_t i = 0; i < kSamples; ++i) {
        sizes += be(plain(track, i).size());
        ivs += iv(track, i);
      }
      std::string offsets;
      for (const auto chunk : chunks[track]) offsets += be(data_at + chunk, 8);
      const auto stbl = iso_box("stsd", be(0) + be(1) + entry) +
                        iso_box("stsz", be(0) + be(0) + be(kSamples) + sizes) +
                        iso_box("stsc", be(0) + be(1) + be(1) + be(2) + be(1)) +
                        iso_box("co64", be(0) + be(kChunks) + offsets) +
                        gone("senc", be(0) + be(kSamples) + ivs);
      all += iso_box("trak", iso_box("tkhd", be(0) + be(0, 8) + be(track + 1)) +
                                 iso_box("mdia", iso_box("minf", iso_box("stbl", stbl))));
    }
    return iso_box("moov", all);
  };
  const auto ftyp = iso_box("ftyp", "isom" + be(0));
  if (!moov_first) return ftyp + iso_box("mdat", data) + moov(ftyp.size() + 8);
  return ftyp + moov(ftyp.size() + moov(0).size() + 8) + iso_box("mdat", data);
}

}  // namespace

TEST_CASE("A movie without fragments is decrypted when it begins with its description",
          "[mp4][unit]") {
  cenc::Key key{};
  key.fill('k');
  const auto make = [&] { return make_mp4_decryption(cenc::KeySet::for_everything(key), nullptr); };
  const auto outcome = run_every_way(make, movie(false, true));
  CHECK(outcome.error == "");
  CHECK((outcome.output == movie(true, true)));
  const auto behind = run_every_way(make, movie(false, false));
  CHECK(behind.error.find("in front of its description") != std::string::npos);
  CHECK(behind.output == "");
}
