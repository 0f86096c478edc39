#include "sluice/ts/audio_frames.hpp"

#include <array>

#include "octets.hpp"

namespace sluice::ts {
namespace {

constexpr std::size_t kAdtsHead = 7;
constexpr std::size_t kAdtsChecksum = 2;
constexpr unsigned kAdtsRates = 13;

// Table 4.1 of ETSI TS 102 366: of two codes each.
constexpr std::array<std::uint16_t, 19> kAc3Kilobits = {
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640};
constexpr unsigned kLastAc3Version = 10;
constexpr unsigned kLastEac3Version = 16;

std::optional<AudioFrameHead> parse_adts(std::string_view bytes) noexcept {
  // Sync word, layer 0, a known sampling rate.
  if (u8(bytes, 0) != 0xff || (u8(bytes, 1) & 0xf6) != 0xf0) return std::nullopt;
  if ((u8(bytes, 2) >> 2 & 0xf) >= kAdtsRates) return std::nullopt;
  const bool has_checksum = (u8(bytes, 1) & 1) == 0;
  AudioFrameHead head;
  head.head_size = kAdtsHead + (has_checksum ? kAdtsChecksum : 0);
  head.size = (u8(bytes, 3) & 3) << 11 | u8(bytes, 4) << 3 | u8(bytes, 5) >> 5;
  if (head.size < head.head_size) return std::nullopt;
  return head;
}

/// In bytes; 1536 samples at a bit rate, at 44.1 kHz rounded down and with one word more for every
/// second code.
std::optional<std::size_t> ac3_size(unsigned rate_code, unsigned size_code) noexcept {
  if (size_code / 2 >= kAc3Kilobits.size()) return std::nullopt;
  const std::size_t kilobits = kAc3Kilobits[size_code / 2];
  switch (rate_code) {
    case 0: return kilobits * 4;
    case 1: return 2 * (kilobits * 320 / 147 + (size_code & 1));
    case 2: return kilobits * 6;
    default: return std::nullopt;
  }
}

std::optional<AudioFrameHead> parse_ac3(std::string_view bytes) noexcept {
  if (u16(bytes, 0) != 0x0b77) return std::nullopt;
  const auto version = u8(bytes, 5) >> 3;
  if (version <= kLastAc3Version) {
    const auto size = ac3_size(u8(bytes, 4) >> 6, u8(bytes, 4) & 0x3f);
    return size ? std::optional(AudioFrameHead{*size, 0}) : std::nullopt;
  }
  const std::size_t size = 2 * ((u16(bytes, 2) & 0x7ffU) + 1);
  if (version > kLastEac3Version || size < kAudioHeadSize) return std::nullopt;
  return AudioFrameHead{size, 0};
}

}  // namespace

std::optional<AudioFrameHead> parse_audio_head(AudioSyntax syntax,
                                               std::string_view bytes) noexcept {
  if (bytes.size() < kAudioHeadSize) return std::nullopt;
  return syntax == AudioSyntax::adts ? parse_adts(bytes) : parse_ac3(bytes);
}

}  // namespace sluice::ts
