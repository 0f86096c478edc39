#include "sluice/ts/pes.hpp"

#include "octets.hpp"

namespace sluice::ts {
namespace {

/// Streams whose packets have no flags and no time stamps. Table 2-21.
bool is_bare(unsigned stream_id) noexcept {
  switch (stream_id) {
    case 0xbc:  // program_stream_map
    case 0xbe:  // padding_stream
    case 0xbf:  // private_stream_2
    case 0xf0:  // ECM
    case 0xf1:  // EMM
    case 0xf2:  // DSMCC
    case 0xf8:  // ITU-T H.222.1 type E
    case 0xff:  // program_stream_directory
      return true;
    default: return false;
  }
}

std::uint64_t timestamp(std::string_view bytes, std::size_t at) noexcept {
  return std::uint64_t{u8(bytes, at) >> 1 & 7} << 30 | u8(bytes, at + 1) << 22 |
         (u8(bytes, at + 2) >> 1) << 15 | u8(bytes, at + 3) << 7 | u8(bytes, at + 4) >> 1;
}

}  // namespace

std::optional<PesHead> parse_pes_head(std::string_view bytes) noexcept {
  if (bytes.size() < kPesPrefix || u16(bytes, 0) != 0 || u8(bytes, 2) != 1) return std::nullopt;
  PesHead head;
  head.stream_id = static_cast<std::uint8_t>(u8(bytes, 3));
  head.packet_length = u16(bytes, 4);
  head.size = kPesPrefix;
  if (is_bare(head.stream_id)) return head;
  if (bytes.size() < kMinPesHead || (u8(bytes, 6) & 0xc0) != 0x80) return std::nullopt;
  head.size = kMinPesHead + u8(bytes, 8);
  head.data_alignment = (u8(bytes, 6) & 4) != 0;
  const auto stamps = u8(bytes, 7) >> 6;
  const auto seen = bytes.substr(0, head.size);
  if ((stamps & 2) != 0 && seen.size() >= 14) head.pts = timestamp(seen, 9);
  if (stamps == 3 && seen.size() >= 19) head.dts = timestamp(seen, 14);
  return head;
}

}  // namespace sluice::ts
