#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// A transport packet taken apart, without any code of the program.
struct TsPacket {
  std::uint16_t pid = 0x1fff;
  bool unit_start = false;
  unsigned counter = 0;
  std::string adaptation;  ///< flags and what follows, without stuffing; empty: none
  std::string payload;
};

/// Throws std::invalid_argument for what is no transport stream.
[[nodiscard]] std::vector<TsPacket> parse_ts(std::string_view ts);
/// 188 bytes, filled up by stuffing in front of the payload. Throws std::invalid_argument when it
/// is too much.
[[nodiscard]] std::string write_ts(const TsPacket& packet);
/// Bytes of payload that a packet with this adaptation field has room for.
[[nodiscard]] std::size_t room_for_payload(const TsPacket& packet);

/// Bit by bit, for sections.
[[nodiscard]] std::uint32_t slow_crc32(std::string_view bytes);

struct TsStream {
  unsigned type = 0;
  std::uint16_t pid = 0;
  std::string descriptors;
};

/// Sections with their checksums.
[[nodiscard]] std::string pat_section(std::uint16_t program, std::uint16_t pmt_pid);
[[nodiscard]] std::string pmt_section(std::uint16_t program, std::uint16_t pcr_pid,
                                      const std::vector<TsStream>& streams);
[[nodiscard]] std::string descriptor(unsigned tag, std::string_view content);

/// A PES packet of video (0xe0) or audio (0xc0, 0xbd) with a PTS; its length is said unless `open`.
[[nodiscard]] std::string pes_packet(unsigned stream_id, std::string_view payload, bool open,
                                     std::uint64_t pts = 90'000);

/// An adaptation field with a PCR of this base.
[[nodiscard]] std::string pcr_field(std::uint64_t base);

/// Packets that carry a PES packet; with each adaptation field in turn while there are some.
[[nodiscard]] std::vector<TsPacket> packets_of(std::uint16_t pid, std::string_view unit,
                                               const std::vector<std::string>& adaptations = {});
/// Packets that carry sections, each with `fill` bytes at most.
[[nodiscard]] std::vector<TsPacket> section_packets(std::uint16_t pid, std::string_view section,
                                                    std::size_t fill = 183);

/// The packets of several PIDs in turn, with continuity counters that are right.
[[nodiscard]] std::string mux(const std::vector<std::vector<TsPacket>>& lanes);

/// All units (PES packets, or sections with their pointers) by PID: the payloads between two
/// starts.
[[nodiscard]] std::map<std::uint16_t, std::vector<std::string>> ts_units(std::string_view ts);
/// What the PES packets of a PID carry.
[[nodiscard]] std::string elementary_stream(std::string_view ts, std::uint16_t pid);
/// Why the counters, sections or PES lengths of a stream are wrong; empty when they are right.
[[nodiscard]] std::string ts_faults(std::string_view ts);

}  // namespace sluice::test
