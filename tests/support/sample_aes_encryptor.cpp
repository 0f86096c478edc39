#include "support/sample_aes_encryptor.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

#include "support/aes.hpp"
#include "support/transport_stream.hpp"

namespace sluice::test {
namespace {

unsigned at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes.at(index));
}

/// Emulation prevention as an encoder makes it.
std::string prevent_emulation(std::string_view bytes) {
  std::string out;
  int zeros = 0;
  for (const char byte : bytes) {
    if (zeros == 2 && static_cast<unsigned char>(byte) <= 3) {
      out += '\3';
      zeros = 0;
    }
    out += byte;
    zeros = byte == 0 ? zeros + 1 : 0;
  }
  return out;
}

struct Frame {
  std::size_t size;
  std::size_t clear;
};

Frame frame_at(std::string_view bytes) {
  if (at(bytes, 0) == 0xff) {
    const auto size = (at(bytes, 3) & 3) << 11 | at(bytes, 4) << 3 | at(bytes, 5) >> 5;
    return {size, (at(bytes, 1) & 1) != 0 ? 23U : 25U};
  }
  if (at(bytes, 0) != 0x0b) throw std::invalid_argument("no audio frame");
  if (at(bytes, 5) >> 3 > 10) return {2 * (((at(bytes, 2) & 7) << 8 | at(bytes, 3)) + 1), 16};
  // Bytes per kbit/s at 48 kHz.
  constexpr std::array<unsigned, 19> kRates = {32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                               192, 224, 256, 320, 384, 448, 512, 576, 640};
  return {kRates.at((at(bytes, 4) & 0x3f) / 2) * 4, 16};
}

/// Audio setup information, which describes the stream to whoever cannot look into frames.
std::string setup_information(std::string_view frame, bool enhanced) {
  std::string data;
  std::string kind;
  if (at(frame, 0) == 0xff) {
    kind = "zaac";
    const auto object = (at(frame, 2) >> 6) + 1;
    const auto rate = at(frame, 2) >> 2 & 0xf;
    const auto channels = (at(frame, 2) & 1) << 2 | at(frame, 3) >> 6;
    data = {static_cast<char>(object << 3 | rate >> 1),
            static_cast<char>((rate & 1) << 7 | channels << 3)};
  } else if (enhanced) {
    kind = "zec3";
    const auto layout = at(frame, 4);  // fscod 2, numblkscod 2, acmod 3, lfeon 1
    data = {'\x06', '\x00', static_cast<char>((layout & 0xc0) | 0x20),
            static_cast<char>(layout & 0xf), '\x00'};
  } else {
    kind = "zac3";
    data = frame.substr(0, 10);
  }
  return kind + std::string(2, '\0') + '\1' + static_cast<char>(data.size()) + data;
}

struct Kind {
  unsigned clear_type;
  unsigned encrypted_type;
  const char* indicator;
};
constexpr std::array<Kind, 4> kKinds = {
    {{0x1b, 0xdb, "zavc"}, {0x0f, 0xcf, "aacd"}, {0x81, 0xc1, "ac3d"}, {0x87, 0xc2, "ec3d"}}};

const Kind* kind_of(unsigned type) {
  const auto* kind = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const Kind& row) { return row.clear_type == type; });
  return kind == kKinds.end() ? nullptr : kind;
}

/// Streams of a map's section, behind its pointer.
std::vector<TsStream> streams_of(std::string_view unit) {
  const auto section = unit.substr(1 + at(unit, 0));
  const auto size = (at(section, 1) & 0xf) << 8 | at(section, 2);
  auto rest = section.substr(12, size - 13);
  rest.remove_prefix((at(section, 10) & 0xf) << 8 | at(section, 11));
  std::vector<TsStream> streams;
  while (!rest.empty()) {
    const auto pid = static_cast<std::uint16_t>((at(rest, 1) & 0x1f) << 8 | at(rest, 2));
    const auto length = (at(rest, 3) & 0xf) << 8 | at(rest, 4);
    streams.push_back({at(rest, 0), pid, std::string(rest.substr(5, length))});
    rest.remove_prefix(5 + length);
  }
  return streams;
}

/// A stream's packets and what becomes of them.
class Remux {
 public:
  explicit Remux(std::string_view ts) : packets_(parse_ts(ts)), out_(packets_.size()) {}

  /// Indices of the packets of each unit of a PID.
  [[nodiscard]] std::vector<std::vector<std::size_t>> units(std::uint16_t pid) const {
    std::vector<std::vector<std::size_t>> found;
    for (std::size_t i = 0; i < packets_.size(); ++i) {
      if (packets_[i].pid != pid || packets_[i].payload.empty()) continue;
      if (packets_[i].unit_start) found.emplace_back();
      if (!found.empty()) found.back().push_back(i);
    }
    return found;
  }

  [[nodiscard]] std::string unit(const std::vector<std::size_t>& indices) const {
    std::string bytes;
    for (const auto i : indices) bytes += packets_[i].payload;
    return bytes;
  }

  /// Puts packets in the places of others; what is too much goes behind the last of those.
  void replace(const std::vector<std::size_t>& indices, const std::vector<TsPacket>& packets) {
    for (const auto i : indices) replaced_.insert(i);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      out_[indices[std::min(i, indices.size() - 1)]].push_back(packets[i]);
    }
  }

  void replace_unit(const std::vector<std::size_t>& indices, std::string_view unit) {
    std::vector<std::string> fields;
    fields.reserve(indices.size());
    for (const auto i : indices) fields.push_back(packets_[i].adaptation);
    replace(indices, packets_of(packets_[indices[0]].pid, unit, fields));
  }

  [[nodiscard]] std::string write() const {
    std::vector<TsPacket> all;
    for (std::size_t i = 0; i < packets_.size(); ++i) {
      if (!replaced_.contains(i)) all.push_back(packets_[i]);
      all.insert(all.end(), out_[i].begin(), out_[i].end());
    }
    return mux({all});
  }

 private:
  std::vector<TsPacket> packets_;
  std::vector<std::vector<TsPacket>> out_;
  std::set<std::size_t> replaced_;
};

std::size_t pes_head(std::string_view pes) {
  return 9 + at(pes, 8);
}

}  // namespace

std::string SampleAesEncryptor::blocks(std::string_view clear) const {
  return encrypt("AES-128-CBC", key_, iv_, clear).substr(0, clear.size());
}

std::string SampleAesEncryptor::nal(std::string_view clear) const {
  const auto type = at(clear, 0) & 0x1f;
  std::string out(clear);
  if (clear.size() <= 48 || (type != 1 && type != 5)) return out;
  std::string chosen;
  std::vector<std::size_t> places;
  for (std::size_t place = 32; out.size() - std::min(place, out.size()) > 16; place += 160) {
    places.push_back(place);
    chosen += out.substr(place, 16);
  }
  const auto encrypted = blocks(chosen);
  for (std::size_t i = 0; i < places.size(); ++i) {
    out.replace(places[i], 16, encrypted, i * 16, 16);
  }
  return prevent_emulation(out);
}

std::string SampleAesEncryptor::annex_b(std::string_view clear) const {
  constexpr std::string_view kStart("\0\0\1", 3);
  std::string out;
  auto start = clear.find(kStart);
  out += clear.substr(0, start);
  while (start != clear.npos) {
    const auto next = clear.find(kStart, start + 3);
    const auto whole = clear.substr(start + 3, next == clear.npos ? next : next - start - 3);
    const auto last = whole.find_last_not_of('\0');
    const auto size = last == whole.npos ? 0 : last + 1;
    out += kStart;
    if (size > 0) out += nal(whole.substr(0, size));
    out += whole.substr(size);
    start = next;
  }
  return out;
}

std::string SampleAesEncryptor::frames(std::string_view clear) const {
  std::string out;
  while (!clear.empty()) {
    const auto frame = frame_at(clear);
    auto bytes = std::string(clear.substr(0, frame.size));
    if (bytes.size() >= frame.clear + 16) {
      const auto size = (bytes.size() - frame.clear) / 16 * 16;
      bytes.replace(frame.clear, size, blocks(bytes.substr(frame.clear, size)));
    }
    out += bytes;
    clear.remove_prefix(bytes.size());
  }
  return out;
}

std::string SampleAesEncryptor::ts(std::string_view clear) const {
  Remux remux(clear);
  const auto pat = remux.unit(remux.units(0).at(0));
  const auto program = static_cast<std::uint16_t>(at(pat, 9) << 8 | at(pat, 10));
  const auto pmt_pid = static_cast<std::uint16_t>((at(pat, 11) & 0x1f) << 8 | at(pat, 12));
  const auto maps = remux.units(pmt_pid);
  auto streams = streams_of(remux.unit(maps.at(0)));
  const auto first = remux.unit(maps.at(0));
  const auto pcr_pid = static_cast<std::uint16_t>((at(first, 9) & 0x1f) << 8 | at(first, 10));
  for (auto& stream : streams) {
    const auto* kind = kind_of(stream.type);
    if (kind == nullptr) continue;
    const auto units = remux.units(stream.pid);
    if (stream.type == 0x1b) {
      for (const auto& indices : units) {
        auto pes = remux.unit(indices);
        const auto head = pes_head(pes);
        pes.replace(head, pes.npos, annex_b(std::string_view(pes).substr(head)));
        const bool said = at(pes, 4) != 0 || at(pes, 5) != 0;
        const auto length = said && pes.size() - 6 < 65536 ? pes.size() - 6 : 0;
        pes[4] = static_cast<char>(length >> 8);
        pes[5] = static_cast<char>(length & 0xff);
        remux.replace_unit(indices, pes);
      }
    } else {
      // Frames may go on in the next PES packet, and keep their size.
      std::string all;
      for (const auto& indices : units) {
        const auto pes = remux.unit(indices);
        all += pes.substr(pes_head(pes));
      }
      const auto setup = setup_information(all, stream.type == 0x87);
      std::string_view rest = all = frames(all);
      for (const auto& indices : units) {
        auto pes = remux.unit(indices);
        const auto head = pes_head(pes);
        pes.replace(head, pes.npos, rest.substr(0, pes.size() - head));
        rest.remove_prefix(pes.size() - head);
        remux.replace_unit(indices, pes);
      }
      // In place of what announces the clear codec.
      stream.descriptors = descriptor(5, "apad" + setup);
    }
    stream.type = kind->encrypted_type;
    stream.descriptors += descriptor(15, kind->indicator);
  }
  for (const auto& indices : maps) {
    remux.replace(indices, section_packets(pmt_pid, pmt_section(program, pcr_pid, streams)));
  }
  return remux.write();
}

std::string SampleAesEncryptor::packed(std::string_view clear_frames) const {
  const auto priv = [](std::string owner, const std::string& data) {
    owner += '\0';
    owner += data;
    return "PRIV" + std::string(3, '\0') + static_cast<char>(owner.size()) + std::string(2, '\0') +
           owner;
  };
  const bool enhanced = at(clear_frames, 0) != 0xff && at(clear_frames, 5) >> 3 > 10;
  const auto content =
      priv("com.apple.streaming.transportStreamTimestamp", std::string(5, '\0') + "\1\x5f\x90") +
      priv("com.apple.streaming.audioDescription", setup_information(clear_frames, enhanced));
  const std::string size = {static_cast<char>(content.size() >> 7),
                            static_cast<char>(content.size() & 0x7f)};
  return "ID3\4" + std::string(4, '\0') + size + content + frames(clear_frames);
}

}  // namespace sluice::test
