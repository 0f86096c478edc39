#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::ts {

/// Bytes of a PES packet in front of what its length counts.
inline constexpr std::size_t kPesPrefix = 6;
/// With so many bytes the size of its head is known.
inline constexpr std::size_t kMinPesHead = 9;
/// The longest head of a PES packet, in bytes.
inline constexpr std::size_t kMaxPesHead = 9 + 255;

/// Head of a PES packet. ISO/IEC 13818-1, 2.4.3.6.
struct PesHead {
  std::uint8_t stream_id = 0;
  std::size_t packet_length = 0;  ///< bytes behind kPesPrefix; 0: not said
  std::size_t size = 0;           ///< of the head, in bytes; may be more than the bytes seen
  bool data_alignment = false;
  std::optional<std::uint64_t> pts;  ///< ticks of 90 kHz, 33 bits
  std::optional<std::uint64_t> dts;  ///< as pts; where it differs from that
};

/// nullopt when `bytes` are no start of a PES packet, or fewer than kMinPesHead (kPesPrefix for
/// streams without flags). Of a head that is longer than `bytes`, what is known is told.
[[nodiscard]] std::optional<PesHead> parse_pes_head(std::string_view bytes) noexcept;

}  // namespace sluice::ts
