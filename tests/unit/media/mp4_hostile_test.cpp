// What a hostile origin may send: each of these once cost seconds, or hundreds of megabytes, for a
// few bytes. That the tests end soon is what they show; limits have clear errors.

#include <memory>
#include <string>

#include "sluice/media/mp4_decryption.hpp"
#include "support/catch.hpp"
#include "support/cenc_movie.hpp"
#include "unit/media/cenc_cases.hpp"
#include "unit/media/stages.hpp"

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;
using namespace sluice::test;

namespace {

std::string be(std::uint64_t value, unsigned width = 4) {
  return big_endian(value, width);
}

const cenc::KeySet& any_key() {
  static const auto keys = cenc::KeySet::for_everything({});
  return keys;
}

Outcome decrypt(const std::string& stream, const std::string& init = {}) {
  std::shared_ptr<const Mp4Protection> protection;
  if (!init.empty()) {
    protection = std::make_shared<const Mp4Protection>(Mp4Protection::parse(init).value());
  }
  return run(chain_of(make_mp4_decryption(any_key(), protection)), stream, {64 * 1024});
}

/// A moof of one trun without anything about single samples.
std::string moof_of(std::uint32_t samples, std::uint32_t size, std::uint32_t data_offset) {
  const auto tfhd = iso_box("tfhd", be(0x020010) + be(1) + be(size));
  const auto trun = iso_box("trun", be(0x000001) + be(samples) + be(data_offset));
  return iso_box("moof", iso_box("traf", tfhd + trun));
}

std::size_t size_at(const std::string& bytes, std::size_t at) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8U | static_cast<unsigned char>(bytes[at + i]);
  return size;
}

/// Replaces the content of the first box of that type, and makes all around it fit.
std::string with_box(const std::string& box, const std::string& type, const std::string& content) {
  const auto name = box.substr(4, 4);
  if (name == type) return iso_box(type, content);
  static const std::string kParents = "moov trak mdia minf stbl stsd";
  if (kParents.find(name) == std::string::npos) return box;
  std::size_t at = name == "stsd" ? 16 : 8;
  auto inside = box.substr(8, at - 8);
  while (at < box.size()) {
    const auto size = size_at(box, at);
    inside += with_box(box.substr(at, size), type, content);
    at += size;
  }
  return iso_box(name, inside);
}

/// Of the first box of that type.
std::string content_of(const std::string& box, const std::string& type) {
  const auto at = box.find(type);
  return box.substr(at + 4, size_at(box, at - 4) - 8);
}

std::string moov_of(const std::string& init) {
  return init.substr(init.find("moov") - 4);
}

}  // namespace

TEST_CASE("A movie of billions of equal samples is refused", "[mp4][unit]") {
  const auto moov = moov_of(simple_movie("cenc", 8).init(false));
  const auto stbl = content_of(moov, "stbl") + iso_box("stsz", be(0) + be(1) + be(0xffffffffU)) +
                    iso_box("stsc", be(0) + be(1) + be(1) + be(0xffffffffU) + be(1)) +
                    iso_box("stco", be(0) + be(1) + be(100'000));
  const auto changed = with_box(moov, "stbl", stbl);
  CHECK(decrypt(changed).error.find("too many samples") != std::string::npos);
}

TEST_CASE("Fragments of millions of samples without bytes are refused", "[mp4][unit]") {
  const auto init = simple_movie("cenc", 8).init(false);
  std::string stream;
  for (int i = 0; i < 500; ++i) stream += moof_of(1'000'000, 0, 0);
  CHECK(decrypt(stream, init).error.find("too many samples") != std::string::npos);
}

TEST_CASE("Fragments that pile up before their media data are refused", "[mp4][unit]") {
  auto movie = simple_movie("cbcs", 0);
  std::string stream;
  for (int i = 0; i < 20'000; ++i) stream += moof_of(1, 16, 0x7fffff00);
  movie.tracks.front().format = "mp4a";
  movie.tracks.front().entry = "enca";
  movie.tracks.front().entry_header = 28;
  CHECK(decrypt(stream, movie.init(false)).error.find("too many fragments") != std::string::npos);
}

TEST_CASE("A sample entry full of false boxes is refused", "[mp4][unit]") {
  std::string content(78, '\0');
  constexpr std::size_t kBoxes = 20'000;
  for (std::size_t i = 0; i < kBoxes; ++i) {
    content += be(16) + "xxxx" + be((kBoxes - i) * 16 - 8) + "sinf";
  }
  const auto moov = moov_of(simple_movie("cenc", 8).init(false));
  const auto changed = with_box(moov, "stsd", be(0) + be(1) + iso_box("encv", content));
  CHECK_FALSE(Mp4Protection::parse(changed).has_value());
}

TEST_CASE("A sample description without end is refused", "[mp4][unit]") {
  std::string entries;
  for (int i = 0; i < 100'000; ++i) entries += iso_box("mp4a", "");
  const auto moov = moov_of(simple_movie("cenc", 8).init(false));
  const auto changed = with_box(moov, "stsd", be(0) + be(100'000) + entries);
  CHECK_FALSE(Mp4Protection::parse(changed).has_value());
}

TEST_CASE("Descriptions without end leave as they come", "[mp4][unit]") {
  const auto moov = iso_box("moov", iso_box("free", std::string(4'000'000, '\0')));
  auto stage = make_mp4_decryption(any_key(), nullptr);
  std::size_t given = 0;
  std::size_t left = 0;
  for (int i = 0; i < 20; ++i) {
    auto piece = moov;
    for (Bytes rest(piece); !rest.empty();) {
      const auto step = stage->feed(rest);
      REQUIRE(step.has_value());
      left += step->output.size();
      rest = rest.subspan(step->taken);
    }
    given += moov.size();
  }
  // No more than what is waited with for one description and a fragment.
  CHECK(given - left <= 48'000'000);
}
