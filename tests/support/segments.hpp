#pragma once

#include <string>
#include <string_view>

#include "support/bytes.hpp"

namespace sluice::test {

/// `packets` packets of a transport stream, with anything behind their sync bytes.
[[nodiscard]] inline std::string ts_packets(std::size_t packets, std::uint64_t seed = 1) {
  auto bytes = random_bytes(packets * 188, seed);
  for (std::size_t i = 0; i < bytes.size(); i += 188) bytes[i] = 0x47;
  return bytes;
}

/// A box of ISO/IEC 14496-12, 4.2.
[[nodiscard]] inline std::string mp4_box(std::string_view type, std::string_view content) {
  const auto size = content.size() + 8;
  std::string box;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) box += static_cast<char>(size >> shift & 0xff);
  return box.append(type).append(content);
}

/// A fragment: moof, and an mdat of `size` bytes.
[[nodiscard]] inline std::string mp4_fragment(std::size_t size, std::uint64_t seed = 1) {
  const std::string sequence("\0\0\0\0\0\0\0\7", 8);
  return mp4_box("moof", mp4_box("mfhd", sequence) + mp4_box("traf", random_bytes(40, seed))) +
         mp4_box("mdat", random_bytes(size, seed + 1));
}

inline constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

/// A PNG whose pixels are `size` bytes of anything.
[[nodiscard]] inline std::string png(std::size_t size, std::uint64_t seed = 7) {
  return std::string(kPngSignature) + random_bytes(size, seed) + std::string(4, '\0') +
         "IEND\xae\x42\x60\x82";
}

}  // namespace sluice::test
