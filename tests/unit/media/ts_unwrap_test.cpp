#include "sluice/media/ts_unwrap.hpp"

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/segments.hpp"
#include "unit/media/stages.hpp"

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;
using sluice::test::mp4_box;
using sluice::test::mp4_fragment;
using sluice::test::png;
using sluice::test::random_bytes;
using sluice::test::ts_packets;

namespace {

using namespace std::string_literals;

const std::string kJpeg = "\xff\xd8\xff\xe0\0\x10JFIF"s + random_bytes(3000, 21) + "\xff\xd9";
const std::string kGif = "GIF89a"s + random_bytes(700, 22) + ";";
const std::string kPage = [] {
  std::string page = "<!DOCTYPE html><html><body>";
  for (int i = 0; i < 200; ++i) page += "GET GIF " + std::to_string(i * i);
  return page + "</body></html>\n";
}();

std::string unwrap(const std::string& body, TsUnwrap::Payload payload = TsUnwrap::Payload::media) {
  const auto outcome = run_every_way([&] { return std::make_unique<TsUnwrap>(payload); }, body);
  CHECK(outcome.error.empty());
  return outcome.output;
}

}  // namespace

TEST_CASE("TsUnwrap takes off what is in front of a segment", "[media][unit]") {
  const auto ts = ts_packets(100);
  const auto fragment = mp4_fragment(3000);
  struct Row {
    const char* why;
    std::string front;
    std::string segment;
  };
  const Row rows[] = {
      {"a PNG", png(500), ts},
      {"a PNG with nothing in it", png(0), ts},
      {"a PNG and padding", png(500) + "\0\0\0\0"s, ts},
      {"a PNG and padding of both kinds", png(500) + "\xff\xff\0\xff\0"s, ts},
      {"a PNG and one byte", png(500) + "\xff", ts},
      {"a PNG that never ends", png(500).substr(0, 400), ts},
      {"padding", std::string(470, '\xff'), ts},
      {"one byte of padding", "\xff", ts},
      {"a JPEG", kJpeg, ts},
      {"a GIF, which begins with a sync byte", kGif, ts},
      {"a BMP", "BM" + random_bytes(900, 23), ts},
      {"a WebP", "RIFF\x20\x03\0\0WEBPVP8 "s + random_bytes(800, 24), ts},
      {"a page full of sync bytes", kPage, ts},
      {"a script", "(function(){var a=1;})();\n", ts},
      {"text", "hello, world\n", ts},
      {"something long", random_bytes(300'000, 25), ts},
      {"the shortest stream", kJpeg, ts_packets(2)},
      {"three packets", kJpeg, ts_packets(3)},
      {"packets, the last of them cut", kJpeg, ts_packets(4).substr(0, 3 * 188 + 50)},
      {"a fragment behind a PNG", png(500), fragment},
      {"a fragment behind a page", kPage, fragment},
      {"a styp box", kJpeg, mp4_box("styp", "msdh\0\0\0\0msdhmsix"s) + fragment},
      {"a file type box", kJpeg, mp4_box("ftyp", "iso5\0\0\0\0iso6mp41"s) + fragment},
      {"an index", kJpeg, mp4_box("sidx", std::string(32, '\0')) + fragment},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto out = unwrap(row.front + row.segment);
    CHECK(out.size() == row.segment.size());
    CHECK((out == row.segment));
  }
}

TEST_CASE("TsUnwrap loses nothing of what is no disguise", "[media][unit]") {
  const auto ts = ts_packets(100);
  struct Row {
    const char* why;
    std::string body;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"one byte", "G"},
      {"a transport stream", ts},
      {"a transport stream of one packet", ts_packets(1)},
      {"a transport stream that is cut", ts.substr(0, 5000)},
      {"a transport stream with an image in it", ts.substr(0, 1880) + png(20) + ts},
      {"a fragment", mp4_fragment(3000)},
      {"a box that fragments do not begin with, in front of one",
       mp4_box("emsg", std::string(60, 'e')) + mp4_fragment(3000)},
      {"audio, which begins as padding does", "\xff\xf1\x50\x80\x2e\x7f\xfc"s + ts},
      {"audio behind a tag", "ID3\4\0\0\0\0\0\x10"s + std::string(16, 'p') + ts},
      {"a playlist", "#EXTM3U\n#EXTINF:4,\n" + ts},
      {"a playlist without its first line", "#EXT-X-VERSION:3\n" + ts},
      {"captions", "WEBVTT\n\n" + ts},
      {"a key", random_bytes(16, 31)},
      {"a long key", random_bytes(32, 32)},
      {"a key that begins as a PNG does", png(0) + "123456789abc"},
      {"a picture", png(3000)},
      {"a picture with padding behind it", png(3000) + std::string(20, '\0')},
      {"a picture that is cut", png(3000).substr(0, 2000)},
      {"a JPEG", kJpeg},
      {"a page", kPage},
      {"noise", random_bytes(100'000, 33)},
      {"padding", std::string(5000, '\xff')},
      {"sync bytes in a row, but two", kJpeg + ts.substr(0, 188 * 2 + 1).replace(376, 1, "x")},
      {"a fragment's type without its size", "some text about moof and ftyp boxes, mfhd too"},
      {"the longest disguise there may be, and a byte",
       random_bytes(TsUnwrap::kMaxWrapper, 34) + ts},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto out = unwrap(row.body);
    CHECK(out.size() == row.body.size());
    CHECK((out == row.body));
  }
}

TEST_CASE("TsUnwrap cuts a PNG off what it does not know", "[media][unit]") {
  const auto noise = "!" + random_bytes(50'000, 41);
  CHECK((unwrap(png(500) + noise) == noise));
  CHECK((unwrap(png(500) + "\xff\0\xff\0"s + noise) == noise));
  // Ciphertext may begin with such a byte.
  const auto encrypted = "\xff" + noise;
  CHECK((unwrap(png(500) + encrypted) == encrypted));
  const auto large = "!" + random_bytes(TsUnwrap::kMaxWrapper, 42);
  CHECK((unwrap(png(500) + large) == large));
}

TEST_CASE("TsUnwrap in front of a decryption looks for nothing that ciphertext may hold",
          "[media][unit]") {
  const auto ts = ts_packets(50);
  const auto opaque = TsUnwrap::Payload::opaque;
  CHECK((unwrap(random_bytes(333, 51) + ts, opaque) == random_bytes(333, 51) + ts));
  CHECK((unwrap(png(500) + random_bytes(64, 52), opaque) == random_bytes(64, 52)));
  CHECK((unwrap(png(500) + "x" + ts, opaque) == "x" + ts));
  CHECK((unwrap(png(500), opaque) == png(500)));
}

TEST_CASE("TsUnwrap passes pieces on in place once it has decided", "[media][unit]") {
  TsUnwrap stage;
  auto first = png(500) + ts_packets(20);
  const auto step = stage.feed(first);
  REQUIRE(step.has_value());
  CHECK(step->taken == first.size());
  CHECK(step->output.data() == first.data() + png(500).size());
  auto second = ts_packets(20, 2);
  CHECK(stage.feed(second)->output.data() == second.data());
}
