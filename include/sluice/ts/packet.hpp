#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::ts {

inline constexpr std::size_t kPacketSize = 188;
inline constexpr char kSyncByte = 0x47;
inline constexpr std::uint16_t kPatPid = 0;
inline constexpr std::uint16_t kNullPid = 0x1fff;

/// What the head of a transport packet says. ISO/IEC 13818-1, 2.4.3.2. Views are into the packet.
struct Packet {
  std::uint16_t pid = kNullPid;
  bool unit_start = false;  ///< a PES packet or a section begins in it
  bool scrambled = false;
  bool has_payload = false;
  std::uint8_t continuity_counter = 0;
  std::string_view adaptation;  ///< behind its length byte; empty when there is none
  std::string_view payload;     ///< may be empty even where has_payload
};

/// `bytes` are kPacketSize bytes. nullopt without a sync byte, or when the adaptation field is
/// longer than the packet.
[[nodiscard]] std::optional<Packet> parse_packet(std::string_view bytes) noexcept;

/// What of an adaptation field matters to others than its own stream. 2.4.3.4.
struct Adaptation {
  bool discontinuity = false;
  bool random_access = false;
  std::optional<std::uint64_t> pcr;  ///< ticks of 27 MHz
};

[[nodiscard]] Adaptation parse_adaptation(const Packet& packet) noexcept;

/// Puts `payload` into a packet in place of the payload it has, which is at least as long; the
/// adaptation field grows by stuffing, and all else stays. False, and nothing happens, when it does
/// not fit or `payload` is empty. `payload` is not part of the packet.
[[nodiscard]] bool replace_payload(std::span<char> packet, std::string_view payload) noexcept;

/// Says in the head whether a PES packet or a section begins in the packet.
void set_unit_start(std::span<char> packet, bool begins) noexcept;

/// Makes it a packet without meaning.
void make_null(std::span<char> packet) noexcept;

}  // namespace sluice::ts
