// SAMPLE-AES of a transport stream of video: ciphers, emulation prevention, packets written anew.

#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "sluice/media/sample_aes_stage.hpp"
#include "sluice/ts/packet.hpp"
#include "sluice/ts/section.hpp"
#include "sluice/ts/tables.hpp"

namespace sluice::media {
namespace {

constexpr std::size_t kVideoBytes = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kPicture = std::size_t{40} * 1024;
constexpr std::uint16_t kPmtPid = 0x1000;
constexpr std::uint16_t kVideoPid = 0x100;

/// A packet with this payload, and stuffing.
void put_packet(std::string& ts, std::uint16_t pid, bool start, std::string_view payload) {
  std::string packet{ts::kSyncByte, static_cast<char>((start ? 0x40 : 0) | pid >> 8),
                     static_cast<char>(pid & 0xff), '\x10'};
  packet.resize(ts::kPacketSize);
  if (ts::replace_payload(packet, payload)) ts += packet;
}

/// Pictures of one slice each, with random bytes for ciphertext.
std::string encrypted_clip() {
  std::string pat("\0\0\xb0\x0d\0\1\xc1\0\0\0\1\xf0\0", 13);
  const auto crc = ts::crc32(std::string_view(pat).substr(1));
  for (const unsigned shift : {24U, 16U, 8U, 0U}) pat += static_cast<char>(crc >> shift & 0xff);
  pat.resize(184, '\xff');
  auto pmt =
      std::string(1, '\0') + ts::write_pmt({1, 0, true, kVideoPid, "", {{0xdb, kVideoPid, ""}}});
  pmt.resize(184, '\xff');
  std::string clip;
  put_packet(clip, ts::kPatPid, true, pat);
  put_packet(clip, kPmtPid, true, pmt);
  std::mt19937_64 generator(1);
  while (clip.size() < kVideoBytes) {
    std::string pes("\0\0\1\xe0\0\0\x80\0\0\0\0\1\x41", 13);
    while (pes.size() < kPicture) pes += static_cast<char>(generator());
    for (std::size_t at = 0; at < pes.size(); at += 184) {
      put_packet(clip, kVideoPid, at == 0, std::string_view(pes).substr(at, 184));
    }
  }
  return clip;
}

/// In pieces of what is read at once from an origin.
void decrypt_sample_aes(benchmark::State& state) {
  constexpr std::size_t kPiece = std::size_t{64} * 1024;
  const auto clip = encrypted_clip();
  const std::string key(16, 'k');
  std::string piece;
  for (auto _ : state) {
    SampleAesStage stage(key, key);
    for (std::size_t at = 0; at < clip.size(); at += piece.size()) {
      piece = clip.substr(at, kPiece);
      for (Bytes input(piece); !input.empty();) {
        const auto step = stage.feed(input);
        if (!step) return state.SkipWithError("the stream is refused");
        benchmark::DoNotOptimize(step->output.data());
        input = input.subspan(step->taken);
      }
    }
    if (!stage.finish()) return state.SkipWithError("the stream may not end here");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(clip.size()));
}
BENCHMARK(decrypt_sample_aes)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sluice::media
