#include "support/transport_stream.hpp"

#include <algorithm>
#include <stdexcept>

namespace sluice::test {
namespace {

constexpr std::size_t kPacket = 188;

unsigned at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes.at(index));
}

std::string be16(std::size_t value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

/// The part of an adaptation field that is not stuffing; knows PCR, OPCR and splicing points.
std::size_t used_adaptation(std::string_view field) {
  if (field.empty()) return 0;
  const auto flags = at(field, 0);
  std::size_t used = 1;
  if ((flags & 0x10) != 0) used += 6;
  if ((flags & 0x08) != 0) used += 6;
  if ((flags & 0x04) != 0) used += 1;
  if ((flags & 0x03) != 0) throw std::invalid_argument("private data in an adaptation field");
  return flags == 0 ? 0 : used;
}

std::string with_checksum(std::string section) {
  const auto crc = slow_crc32(section);
  return section + be16(crc >> 16) + be16(crc & 0xffff);
}

std::string long_section(unsigned table, std::uint16_t number, std::string_view content) {
  std::string section(1, static_cast<char>(table));
  section += be16(0xb000 | (content.size() + 9)) + be16(number) + '\xc1' + std::string(2, '\0');
  return with_checksum(section.append(content));
}

std::size_t pes_head_size(std::string_view pes) {
  return 9 + at(pes, 8);
}

}  // namespace

std::vector<TsPacket> parse_ts(std::string_view ts) {
  std::vector<TsPacket> packets;
  for (; !ts.empty(); ts.remove_prefix(kPacket)) {
    if (ts.size() < kPacket || ts[0] != 0x47) throw std::invalid_argument("no transport stream");
    auto& packet = packets.emplace_back();
    packet.pid = static_cast<std::uint16_t>((at(ts, 1) & 0x1f) << 8 | at(ts, 2));
    packet.unit_start = (at(ts, 1) & 0x40) != 0;
    packet.counter = at(ts, 3) & 0xf;
    std::size_t payload = 4;
    if ((at(ts, 3) & 0x20) != 0) {
      payload += 1 + at(ts, 4);
      if (payload > kPacket) throw std::invalid_argument("too long an adaptation field");
      const auto field = ts.substr(5, payload - 5);
      packet.adaptation = field.substr(0, used_adaptation(field));
    }
    if ((at(ts, 3) & 0x10) != 0) packet.payload = ts.substr(payload, kPacket - payload);
  }
  return packets;
}

std::size_t room_for_payload(const TsPacket& packet) {
  return kPacket - 4 - (packet.adaptation.empty() ? 0 : packet.adaptation.size() + 1);
}

std::string write_ts(const TsPacket& packet) {
  const auto room = room_for_payload(packet);
  if (packet.payload.size() > room) throw std::invalid_argument("too much for a packet");
  const bool has_field = !packet.adaptation.empty() || packet.payload.size() < room;
  std::string bytes = "\x47" + be16((packet.unit_start ? 0x4000U : 0U) | packet.pid);
  const unsigned control = (has_field ? 0x20U : 0U) | (packet.payload.empty() ? 0U : 0x10U);
  bytes += static_cast<char>(control | packet.counter);
  if (has_field) {
    auto field = packet.adaptation;
    const auto size = kPacket - 5 - packet.payload.size();
    if (field.empty() && size > 0) field += '\0';
    field.resize(size, '\xff');
    bytes += static_cast<char>(size);
    bytes += field;
  }
  return bytes + packet.payload;
}

std::uint32_t slow_crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    for (int bit = 7; bit >= 0; --bit) {
      const bool out = (crc >> 31 & 1) != (static_cast<unsigned>(byte) >> bit & 1);
      crc = crc << 1 ^ (out ? 0x04c11db7 : 0);
    }
  }
  return crc;
}

std::string pat_section(std::uint16_t program, std::uint16_t pmt_pid) {
  return long_section(0, 1, be16(program) + be16(0xe000U | pmt_pid));
}

std::string pmt_section(std::uint16_t program, std::uint16_t pcr_pid,
                        const std::vector<TsStream>& streams) {
  auto content = be16(0xe000U | pcr_pid) + be16(0xf000);
  for (const auto& stream : streams) {
    content += static_cast<char>(stream.type);
    content += be16(0xe000U | stream.pid) + be16(0xf000U | stream.descriptors.size());
    content += stream.descriptors;
  }
  return long_section(2, program, content);
}

std::string descriptor(unsigned tag, std::string_view content) {
  std::string bytes{static_cast<char>(tag), static_cast<char>(content.size())};
  return bytes.append(content);
}

std::string pes_packet(unsigned stream_id, std::string_view payload, bool open, std::uint64_t pts) {
  std::string pes("\0\0\1", 3);
  pes += static_cast<char>(stream_id);
  pes += be16(open ? 0 : payload.size() + 8) + "\x84\x80\x05";
  pes += static_cast<char>(0x21 | (pts >> 30 & 7) << 1);
  pes += be16((pts >> 15 & 0x7fff) << 1 | 1) + be16((pts & 0x7fff) << 1 | 1);
  return pes.append(payload);
}

std::string pcr_field(std::uint64_t base) {
  return "\x10" + be16(base >> 17 & 0xffff) + be16(base >> 1 & 0xffff) +
         be16((base & 1) << 15 | 0x7e00);
}

std::vector<TsPacket> packets_of(std::uint16_t pid, std::string_view unit,
                                 const std::vector<std::string>& adaptations) {
  std::vector<TsPacket> packets;
  while (!unit.empty()) {
    TsPacket packet;
    packet.pid = pid;
    packet.unit_start = packets.empty();
    if (packets.size() < adaptations.size()) packet.adaptation = adaptations[packets.size()];
    packet.payload = unit.substr(0, room_for_payload(packet));
    unit.remove_prefix(packet.payload.size());
    packets.push_back(std::move(packet));
  }
  return packets;
}

std::vector<TsPacket> section_packets(std::uint16_t pid, std::string_view section,
                                      std::size_t fill) {
  std::vector<TsPacket> packets;
  while (!section.empty()) {
    const auto part = section.substr(0, fill);
    section.remove_prefix(part.size());
    const bool first = packets.empty();
    auto& packet = packets.emplace_back();
    packet.pid = pid;
    packet.unit_start = first;
    if (first) packet.payload += '\0';
    packet.payload += part;
    if (section.empty()) packet.payload.resize(kPacket - 4, '\xff');
  }
  return packets;
}

std::string mux(const std::vector<std::vector<TsPacket>>& lanes) {
  std::string ts;
  std::map<std::uint16_t, unsigned> counters;
  bool more = true;
  for (std::size_t turn = 0; more; ++turn) {
    more = false;
    for (const auto& lane : lanes) {
      if (turn >= lane.size()) continue;
      more = true;
      auto packet = lane[turn];
      auto& next = counters[packet.pid];
      if (packet.pid != 0x1fff && packet.payload.empty()) {
        packet.counter = (next + 15) & 0xf;
      } else if (packet.pid != 0x1fff) {
        packet.counter = next;
        next = (next + 1) & 0xf;
      }
      ts += write_ts(packet);
    }
  }
  return ts;
}

std::map<std::uint16_t, std::vector<std::string>> ts_units(std::string_view ts) {
  std::map<std::uint16_t, std::vector<std::string>> units;
  for (const auto& packet : parse_ts(ts)) {
    if (packet.pid == 0x1fff || packet.payload.empty()) continue;
    auto& list = units[packet.pid];
    if (packet.unit_start || list.empty()) list.emplace_back();
    list.back() += packet.payload;
  }
  return units;
}

std::string elementary_stream(std::string_view ts, std::uint16_t pid) {
  std::string stream;
  const auto units = ts_units(ts)[pid];
  for (const auto& pes : units) stream += pes.substr(pes_head_size(pes));
  return stream;
}

std::string ts_faults(std::string_view ts) {
  std::string faults;
  std::map<std::uint16_t, unsigned> counters;
  for (const auto& packet : parse_ts(ts)) {
    if (packet.pid == 0x1fff || packet.payload.empty()) continue;
    const auto [last, is_new] = counters.try_emplace(packet.pid, packet.counter);
    if (!is_new && packet.counter != ((last->second + 1) & 0xf)) faults += "counter; ";
    last->second = packet.counter;
  }
  for (const auto& [pid, units] : ts_units(ts)) {
    for (const auto& unit : units) {
      if (unit.starts_with(std::string_view("\0\0\1", 3))) {
        const auto said = at(unit, 4) << 8 | at(unit, 5);
        if (said != 0 && said + 6 != unit.size()) faults += "PES length; ";
      } else {
        const auto size = (at(unit, 2 + at(unit, 0)) & 0xf) << 8 | at(unit, 3 + at(unit, 0));
        if (slow_crc32(unit.substr(1 + at(unit, 0), 3 + size)) != 0) faults += "checksum; ";
      }
    }
  }
  return faults;
}

}  // namespace sluice::test
