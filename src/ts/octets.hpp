#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::ts {

/// Big-endian numbers in a text that is long enough.
[[nodiscard]] inline unsigned u8(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}
[[nodiscard]] inline std::uint16_t u16(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(u8(bytes, at) << 8 | u8(bytes, at + 1));
}
/// 13 bits, as all PIDs are written.
[[nodiscard]] inline std::uint16_t pid_at(std::string_view bytes, std::size_t at) noexcept {
  return u16(bytes, at) & 0x1fff;
}
/// 12 bits, as all lengths in sections are written.
[[nodiscard]] inline std::size_t length_at(std::string_view bytes, std::size_t at) noexcept {
  return u16(bytes, at) & 0xfffU;
}

}  // namespace sluice::ts
