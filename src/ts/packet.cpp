#include "sluice/ts/packet.hpp"

#include <algorithm>

#include "octets.hpp"

namespace sluice::ts {
namespace {

constexpr std::size_t kHead = 4;
constexpr unsigned kHasAdaptation = 0x20;
constexpr unsigned kHasPayload = 0x10;
constexpr unsigned kUnitStart = 0x40;

std::string_view view(std::span<char> packet) noexcept {
  return {packet.data(), packet.size()};
}

}  // namespace

std::optional<Packet> parse_packet(std::string_view bytes) noexcept {
  if (bytes.size() != kPacketSize || bytes[0] != kSyncByte) return std::nullopt;
  const auto control = u8(bytes, 3);
  Packet packet;
  packet.pid = pid_at(bytes, 1);
  packet.unit_start = (u8(bytes, 1) & kUnitStart) != 0;
  packet.scrambled = (control & 0xc0) != 0;
  packet.has_payload = (control & kHasPayload) != 0;
  packet.continuity_counter = control & 0xf;
  auto rest = bytes.substr(kHead);
  if ((control & kHasAdaptation) != 0) {
    const auto length = u8(rest, 0);
    if (length + 1U > rest.size()) return std::nullopt;
    packet.adaptation = rest.substr(1, length);
    rest.remove_prefix(length + 1U);
  }
  if (packet.has_payload) packet.payload = rest;
  return packet;
}

Adaptation parse_adaptation(const Packet& packet) noexcept {
  Adaptation field;
  const auto bytes = packet.adaptation;
  if (bytes.empty()) return field;
  const auto flags = u8(bytes, 0);
  field.discontinuity = (flags & 0x80) != 0;
  field.random_access = (flags & 0x40) != 0;
  if ((flags & 0x10) != 0 && bytes.size() >= 7) {
    std::uint64_t base = 0;
    for (std::size_t i = 1; i < 5; ++i) base = base << 8 | u8(bytes, i);
    base = base << 1 | u8(bytes, 5) >> 7;
    field.pcr = base * 300 + ((u8(bytes, 5) & 1) << 8 | u8(bytes, 6));
  }
  return field;
}

bool replace_payload(std::span<char> packet, std::string_view payload) noexcept {
  const auto parsed = parse_packet(view(packet));
  if (!parsed || payload.empty() || payload.size() > parsed->payload.size()) return false;
  if (payload.size() < parsed->payload.size()) {
    const bool has_field = (u8(view(packet), 3) & kHasAdaptation) != 0;
    const auto used = has_field ? kHead + 1 + parsed->adaptation.size() : kHead;
    const auto length = kPacketSize - kHead - 1 - payload.size();
    packet[3] = static_cast<char>(u8(view(packet), 3) | kHasAdaptation);
    packet[kHead] = static_cast<char>(length);
    // Flags come first, where there is room for them.
    auto at = std::max(used, kHead + 1);
    if (at == kHead + 1 && length > 0) packet[at++] = 0;
    std::fill(packet.begin() + static_cast<std::ptrdiff_t>(at),
              packet.end() - static_cast<std::ptrdiff_t>(payload.size()), '\xff');
  }
  std::copy(payload.begin(), payload.end(),
            packet.end() - static_cast<std::ptrdiff_t>(payload.size()));
  return true;
}

void set_unit_start(std::span<char> packet, bool begins) noexcept {
  const auto others = u8(view(packet), 1) & ~kUnitStart;
  packet[1] = static_cast<char>(begins ? others | kUnitStart : others);
}

void make_null(std::span<char> packet) noexcept {
  packet[1] = static_cast<char>(kNullPid >> 8);
  packet[2] = static_cast<char>(kNullPid & 0xff);
  packet[3] = static_cast<char>(kHasPayload);
  std::fill(packet.begin() + kHead, packet.end(), '\xff');
}

}  // namespace sluice::ts
