#pragma once

#include <string>
#include <vector>

#include "support/bytes.hpp"
#include "support/sample_aes_encryptor.hpp"
#include "support/transport_stream.hpp"

namespace sluice::media::test {

// Small clips in the clear, and the encryption of the tests for them.

inline const std::string kSampleKey = sluice::test::random_bytes(16, 61);
inline const std::string kSampleIv = sluice::test::random_bytes(16, 62);

[[nodiscard]] inline sluice::test::SampleAesEncryptor sample_encryptor() {
  return {kSampleKey, kSampleIv};
}

inline constexpr std::uint16_t kPmtPid = 0x1000;
inline constexpr std::uint16_t kVideoPid = 0x100;

/// A NAL unit with anything in it, and no start code; with `zeros`, full of emulation prevention.
[[nodiscard]] inline std::string nal_unit(char head, std::size_t size, std::uint64_t seed,
                                          bool zeros = false) {
  std::string nal(1, head);
  for (const char byte : sluice::test::random_bytes(size, seed)) {
    if (nal.size() + 3 >= size) break;
    if (zeros && nal.size() % 40 < 6) {
      nal += std::string("\0\0\3", 3);
    } else {
      nal += static_cast<char>(byte | 8);
    }
  }
  nal.resize(size - 1, 'e');
  return nal + '\x80';
}

/// An access unit: delimiter, parameter sets when it is a key picture, slices of these sizes.
[[nodiscard]] inline std::string picture(bool key, const std::vector<std::size_t>& slices,
                                         std::uint64_t seed, bool zeros = false) {
  const std::string start("\0\0\1", 3);
  std::string unit = '\0' + start + "\x09\xf0";
  if (key) unit += '\0' + start + nal_unit('\x67', 60, seed) + '\0' + start + "\x68\xee\x3c\x80";
  for (const auto size : slices) {
    unit += (size % 2 == 0 ? std::string(1, '\0') : std::string());
    unit += start + nal_unit(key ? '\x65' : '\x41', size, ++seed, zeros);
  }
  return unit;
}

[[nodiscard]] inline std::string adts_frame(std::size_t body, std::uint64_t seed,
                                            bool checksum = false) {
  const auto size = body + (checksum ? 9 : 7);
  std::string frame{'\xff',
                    checksum ? '\xf0' : '\xf1',
                    '\x50',
                    static_cast<char>(0x80 | size >> 11),
                    static_cast<char>(size >> 3 & 0xff),
                    static_cast<char>((size & 7) << 5 | 0x1f),
                    '\xfc'};
  if (checksum) frame += "\x12\x34";
  return frame + sluice::test::random_bytes(body, seed);
}

/// 48 kHz, 128 kbit/s.
[[nodiscard]] inline std::string ac3_frame(std::uint64_t seed) {
  auto frame = sluice::test::random_bytes(512, seed);
  frame.replace(0, 6, std::string("\x0b\x77\x12\x34\x10\x40", 6));
  return frame;
}

[[nodiscard]] inline std::string eac3_frame(std::size_t size, std::uint64_t seed) {
  auto frame = sluice::test::random_bytes(size, seed);
  frame.replace(0, 6,
                std::string{'\x0b', '\x77', static_cast<char>((size / 2 - 1) >> 8),
                            static_cast<char>((size / 2 - 1) & 0xff), '\x3f', '\x80'});
  return frame;
}

using Lane = std::vector<sluice::test::TsPacket>;

inline void append(Lane& lane, const Lane& more) {
  lane.insert(lane.end(), more.begin(), more.end());
}

/// The tables of a clip with these streams.
[[nodiscard]] inline Lane tables(const std::vector<sluice::test::TsStream>& streams) {
  using namespace sluice::test;
  Lane lane = section_packets(0, pat_section(1, kPmtPid));
  append(lane, section_packets(kPmtPid, pmt_section(1, kVideoPid, streams)));
  return lane;
}

/// Each text a PES packet; video's with a PCR in the first packet.
[[nodiscard]] inline Lane pes_lane(std::uint16_t pid, unsigned stream_id, bool open,
                                   const std::vector<std::string>& payloads) {
  using namespace sluice::test;
  Lane lane;
  std::uint64_t pts = 90'000;
  for (const auto& payload : payloads) {
    std::vector<std::string> fields;
    if (pid == kVideoPid) fields.push_back(pcr_field(pts));
    append(lane, packets_of(pid, pes_packet(stream_id, payload, open, pts += 3600), fields));
  }
  return lane;
}

}  // namespace sluice::media::test
