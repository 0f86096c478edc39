// Decryption of fragmented MP4: 4 MB of 1080p and of sound, against AES over the same bytes alone.

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sluice/cenc/key_set.hpp"
#include "sluice/media/mp4_decryption.hpp"

namespace sluice::media {
namespace {

constexpr std::size_t kSegment = 4'000'000;
constexpr std::size_t kPiece = 64 * 1024;  // as the body of a response comes

std::string be(std::uint64_t value, unsigned width = 4) {
  std::string bytes;
  for (unsigned i = width; i-- > 0;) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}
std::string box(const std::string& type, const std::string& content) {
  return be(content.size() + 8) + type + content;
}

/// What a segment of a scheme is made of. The bytes of its samples do not matter.
struct Shape {
  const char* scheme;
  unsigned pattern;  ///< as in tenc
  std::size_t samples;
  unsigned subsamples;  ///< of each third, second and first sample, at most
};

std::string init_of(const Shape& shape) {
  const auto tenc = be(0x01000000) + be(0, 1) + be(shape.pattern, 1) + be(1, 1) + be(16, 1) +
                    std::string(16, 'K');
  const auto sinf = box("frma", "avc1") + box("schm", be(0) + shape.scheme + be(0x10000)) +
                    box("schi", box("tenc", tenc));
  const auto entry = box("encv", std::string(78, '\0') + box("sinf", sinf));
  const auto stbl = box("stbl", box("stsd", be(0) + be(1) + entry));
  return box("moov",
             box("trak", box("tkhd", be(0) + be(0, 8) + be(1)) + box("mdia", box("minf", stbl))));
}

std::string segment_of(const Shape& shape) {
  const auto size = kSegment / shape.samples;
  std::string senc = be(shape.subsamples > 0 ? 2 : 0) + be(shape.samples);
  std::string trun = be(0x201) + be(shape.samples) + be(0);
  for (std::size_t i = 0; i < shape.samples; ++i) {
    trun += be(size);
    senc += std::string(8, static_cast<char>(i)) + std::string(8, '\0');
    if (shape.subsamples == 0) continue;
    const auto count = 1 + i % shape.subsamples;
    senc += be(count, 2);
    for (std::size_t j = 0; j < count; ++j) {
      senc += be(100, 2) + be((size / count - 100) / 16 * 16);
    }
  }
  const auto build = [&] {
    return box("moof",
               box("mfhd", be(0, 8)) + box("traf", box("tfhd", be(0x20000) + be(1)) +
                                                       box("senc", senc) + box("trun", trun)));
  };
  trun.replace(8, 4, be(build().size() + 8));
  return build() + box("mdat", std::string(size * shape.samples, 'x'));
}

void decrypt(benchmark::State& state, const Shape& shape) {
  const auto keys = cenc::KeySet::for_everything({});
  const auto protection =
      std::make_shared<const Mp4Protection>(Mp4Protection::parse(init_of(shape)).value());
  const auto original = segment_of(shape);
  auto segment = original;
  for (auto _ : state) {
    state.PauseTiming();
    segment = original;  // the boxes are gone after the first time
    state.ResumeTiming();
    const auto stage = make_mp4_decryption(keys, protection);
    for (std::size_t at = 0; at < segment.size();) {
      const auto step =
          stage->feed(Bytes(segment).subspan(at, std::min(kPiece, segment.size() - at)));
      if (!step) return state.SkipWithError("the segment is refused");
      at += step->taken;
    }
    if (!stage->finish()) return state.SkipWithError("the segment does not end");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(segment.size()));
}
BENCHMARK_CAPTURE(decrypt, cenc_video, Shape{"cenc", 0, 120, 3});
BENCHMARK_CAPTURE(decrypt, cbcs_video_1_9, Shape{"cbcs", 0x19, 120, 3});
BENCHMARK_CAPTURE(decrypt, cbc1_video, Shape{"cbc1", 0, 120, 3});
BENCHMARK_CAPTURE(decrypt, cens_video_1_9, Shape{"cens", 0x19, 120, 3});
BENCHMARK_CAPTURE(decrypt, cenc_sound, Shape{"cenc", 0, kSegment / 300, 0});
BENCHMARK_CAPTURE(decrypt, cbcs_sound, Shape{"cbcs", 0, kSegment / 300, 0});

/// What no stage can be faster than.
void raw_aes_ctr(benchmark::State& state) {
  std::vector<unsigned char> bytes(kSegment);
  const unsigned char zeros[16] = {};
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  EVP_DecryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, zeros, zeros);
  for (auto _ : state) {
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
      const auto part = std::min(kPiece, bytes.size() - at);
      int size = 0;
      EVP_DecryptUpdate(context.get(), &bytes[at], &size, &bytes[at], static_cast<int>(part));
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(raw_aes_ctr);

}  // namespace
}  // namespace sluice::media
