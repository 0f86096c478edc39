#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::ts {

/// A program and where its map is. ISO/IEC 13818-1, 2.4.4.3.
struct Program {
  std::uint16_t number = 0;
  std::uint16_t pmt_pid = 0;
};

/// The programs of a PAT section that is in force; the network's row is none. nullopt when it is
/// another section, malformed, or its checksum is wrong.
[[nodiscard]] std::optional<std::vector<Program>> parse_pat(std::string_view section);

struct PmtStream {
  std::uint8_t type = 0;
  std::uint16_t pid = 0;
  std::string descriptors;
};

/// Program map. ISO/IEC 13818-1, 2.4.4.8.
struct Pmt {
  std::uint16_t program = 0;
  std::uint8_t version = 0;
  bool current = true;  ///< in force, not announced for later
  std::uint16_t pcr_pid = 0x1fff;
  std::string descriptors;  ///< of the program
  std::vector<PmtStream> streams;
};

/// nullopt when it is another section, malformed, or its checksum is wrong.
[[nodiscard]] std::optional<Pmt> parse_pmt(std::string_view section);

/// The section, with its checksum; it is no longer than the one `pmt` was parsed from while
/// nothing was added.
[[nodiscard]] std::string write_pmt(const Pmt& pmt);

/// One descriptor. ISO/IEC 13818-1, 2.6. Views are into the loop.
struct Descriptor {
  std::uint8_t tag = 0;
  std::string_view content;
  std::string_view whole;  ///< with tag and length
};

/// The descriptors of a loop, up to one that is cut.
[[nodiscard]] std::vector<Descriptor> parse_descriptors(std::string_view loop);

inline constexpr std::uint8_t kRegistrationDescriptor = 5;
inline constexpr std::uint8_t kPrivateDataIndicatorDescriptor = 15;

}  // namespace sluice::ts
