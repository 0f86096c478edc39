#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::ts {

/// A section is no longer than this, in bytes.
inline constexpr std::size_t kMaxSection = 3 + 4095;

/// CRC-32 of ISO/IEC 13818-1, annex A (polynomial 0x04c11db7, not reflected); 0 for a section with
/// its right checksum at the end.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes) noexcept;

/// Puts the sections of one PID together, which may begin anywhere and span packets.
/// ISO/IEC 13818-1, 2.4.4.
class SectionAssembler {
 public:
  /// The payload of the next packet. Appends the sections that are complete now, unchecked, to
  /// `complete`; what is no whole section is forgotten.
  void feed(std::string_view payload, bool unit_start, std::vector<std::string>& complete);

  /// No section has begun that is not complete.
  [[nodiscard]] bool is_idle() const noexcept { return section_.empty(); }

 private:
  /// Continues the section under way; what is behind it.
  std::string_view continue_section(std::string_view bytes, std::vector<std::string>& complete);

  std::string section_;
};

}  // namespace sluice::ts
