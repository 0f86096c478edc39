// A transport stream: packets stay in their order and as many; those of a PES packet, section or
// frame that is incomplete hold up what is behind them.

#include <algorithm>
#include <utility>

#include "sample_aes_body.hpp"
#include "sample_aes_sections.hpp"
#include "sample_aes_streams.hpp"
#include "sluice/media/sample_aes_stage.hpp"
#include "sluice/ts/section.hpp"

namespace sluice::media {
namespace {

/// The first program map is looked for in so many bytes: what is in front of it waits.
constexpr std::uint64_t kMaxSearch = 1024 * 1024;
/// PIDs with tables, and encrypted ones.
constexpr std::size_t kMaxPids = 64;

Error bad_segment(const char* what) {
  return upstream_error(Errc::bad_segment, what);
}

/// Looks for the first program map.
class MapFinder {
 public:
  /// The next packet; the map when it is complete.
  [[nodiscard]] std::optional<ts::Pmt> take(const ts::Packet& packet) {
    std::vector<std::string> sections;
    if (packet.pid == ts::kPatPid) {
      pat_.feed(packet.payload, packet.unit_start, sections);
      for (const auto& section : sections) {
        for (const auto& program : ts::parse_pat(section).value_or(std::vector<ts::Program>())) {
          if (maps_.size() < kMaxPids) maps_[program.pmt_pid];
        }
      }
    } else if (const auto map = maps_.find(packet.pid); map != maps_.end()) {
      map->second.feed(packet.payload, packet.unit_start, sections);
      for (const auto& section : sections) {
        if (auto found = ts::parse_pmt(section); found && found->current) return found;
      }
    }
    return std::nullopt;
  }

  /// The PIDs with maps that it knows of.
  [[nodiscard]] const std::map<std::uint16_t, ts::SectionAssembler>& maps() const noexcept {
    return maps_;
  }

 private:
  ts::SectionAssembler pat_;
  std::map<std::uint16_t, ts::SectionAssembler> maps_;
};

class TsBody final : public SampleAesBody {
 public:
  explicit TsBody(SampleAesWork& work) : work_(work) {}

  [[nodiscard]] Result<> advance() override {
    for (; !found_map_ && searched_ + ts::kPacketSize <= work_.held.end();
         searched_ += ts::kPacketSize) {
      const auto packet = packet_at(searched_);
      if (!packet) return packet.error();
      if (const auto map = finder_.take(*packet)) {
        found_map_ = true;
        for (const auto& [pid, unused] : finder_.maps()) tables_.try_emplace(pid, work_);
        if (const auto used = use_map(*map); !used) return used.error();
      } else if (searched_ >= kMaxSearch) {
        return bad_segment("there is no program map in its first MiB");
      }
    }
    if (!found_map_) return {};
    for (; at_ + ts::kPacketSize <= work_.held.end(); at_ += ts::kPacketSize) {
      if (const auto taken = take_packet(); !taken) return taken.error();
    }
    return {};
  }

  [[nodiscard]] Result<> end() override {
    if (work_.held.end() % ts::kPacketSize != 0) {
      return bad_segment("it is cut inside a packet of its transport stream");
    }
    if (!found_map_) return bad_segment("there is no program map in it");
    for (auto& [pid, stream] : streams_) {
      if (const auto ended = stream.decryption->end(); !ended) return ended.error();
    }
    return {};
  }

  [[nodiscard]] std::uint64_t done() const override { return holds_from(at_); }

 private:
  struct Stream {
    SampleCodec codec;
    std::unique_ptr<SampleAesStream> decryption;
    std::string last;  ///< packet, as it came
  };

  [[nodiscard]] Result<ts::Packet> packet_at(std::uint64_t offset) {
    const auto bytes = work_.held.at(offset, ts::kPacketSize);
    if (bytes[0] != ts::kSyncByte) {
      return bad_segment(
          "its transport stream loses its sync: no packet of 188 bytes begins "
          "where one should");
    }
    const auto packet = ts::parse_packet({bytes.data(), bytes.size()});
    if (!packet) return bad_segment("an adaptation field is longer than its packet");
    return *packet;
  }

  [[nodiscard]] Result<> take_packet() {
    const auto packet = packet_at(at_);
    if (!packet) return packet.error();
    if (!packet->payload.empty()) {
      if (const auto taken = take_payload(*packet); !taken) return taken.error();
    }
    const auto end = at_ + ts::kPacketSize;
    if (end - holds_from(end) > SampleAesStage::kMaxHeld) {
      return bad_segment("a PES packet or section in it has no end within 8 MiB");
    }
    return {};
  }

  [[nodiscard]] Result<> take_payload(const ts::Packet& packet) {
    if (packet.pid == ts::kPatPid) return take_pat(packet);
    if (const auto tables = tables_.find(packet.pid); tables != tables_.end()) {
      const auto maps = tables->second.take(packet, at_);
      if (!maps) return maps.error();
      for (const auto& map : *maps) {
        if (const auto used = use_map(map); !used) return used.error();
      }
      return {};
    }
    const auto found = streams_.find(packet.pid);
    if (found == streams_.end()) return {};
    auto& stream = found->second;
    const auto bytes = work_.held.at(at_, ts::kPacketSize);
    // A packet may be sent twice (ISO/IEC 13818-1, 2.4.3.3); its payload counts once.
    if (std::string_view(bytes.data(), bytes.size()) == stream.last) {
      ts::make_null(bytes);
      return {};
    }
    stream.last.assign(bytes.data(), bytes.size());
    return stream.decryption->take(packet, at_);
  }

  [[nodiscard]] Result<> take_pat(const ts::Packet& packet) {
    std::vector<std::string> sections;
    pat_.feed(packet.payload, packet.unit_start, sections);
    for (const auto& section : sections) {
      for (const auto& program : ts::parse_pat(section).value_or(std::vector<ts::Program>())) {
        tables_.try_emplace(program.pmt_pid, work_);
      }
    }
    if (tables_.size() > kMaxPids) return bad_segment("it has more than 64 programs");
    return {};
  }

  /// From here on streams are what this map says.
  [[nodiscard]] Result<> use_map(const ts::Pmt& map) {
    if (!map.current) return {};
    programs_[map.program] = encrypted_streams(map);
    std::map<std::uint16_t, SampleCodec> wanted;
    for (const auto& [program, streams] : programs_) wanted.insert(streams.begin(), streams.end());
    if (wanted.size() > kMaxPids || programs_.size() > kMaxPids) {
      return bad_segment("it has more than 64 programs or encrypted streams");
    }
    for (auto at = streams_.begin(); at != streams_.end();) {
      const auto now = wanted.find(at->first);
      if (now != wanted.end() && now->second == at->second.codec) {
        ++at;
        continue;
      }
      if (const auto ended = at->second.decryption->end(); !ended) return ended.error();
      at = streams_.erase(at);
    }
    for (const auto& [pid, codec] : wanted) {
      if (!streams_.contains(pid)) {
        streams_.emplace(pid, Stream{codec, make_sample_aes_stream(codec, work_), {}});
      }
    }
    return {};
  }

  /// Offset of the first packet that waits; `otherwise` when none does.
  [[nodiscard]] std::uint64_t holds_from(std::uint64_t otherwise) const {
    for (const auto& [pid, tables] : tables_) {
      otherwise = std::min(otherwise, tables.holds_from().value_or(otherwise));
    }
    for (const auto& [pid, stream] : streams_) {
      otherwise = std::min(otherwise, stream.decryption->holds_from().value_or(otherwise));
    }
    return otherwise;
  }

  SampleAesWork& work_;
  bool found_map_ = false;
  MapFinder finder_;
  std::uint64_t searched_ = 0;  ///< offset up to which there is no map
  std::uint64_t at_ = 0;        ///< offset of the next packet
  ts::SectionAssembler pat_;
  std::map<std::uint16_t, SampleAesSections> tables_;  ///< by PID
  std::map<std::uint16_t, Stream> streams_;            ///< by PID
  std::map<std::uint16_t, std::map<std::uint16_t, SampleCodec>> programs_;
};

}  // namespace

std::unique_ptr<SampleAesBody> make_sample_aes_ts(SampleAesWork& work) {
  return std::make_unique<TsBody>(work);
}

}  // namespace sluice::media
