#include "sample_aes_sections.hpp"

#include <algorithm>
#include <utility>

#include "sample_aes_tables.hpp"

namespace sluice::media {
namespace {

constexpr char kStuffing = '\xff';
/// Held at once; a section has at most 4096 bytes.
constexpr std::size_t kMaxPackets = 256;

/// Sections one behind the other, cut into the payloads of packets.
class SectionCutter {
 public:
  explicit SectionCutter(const std::vector<std::string>& sections) {
    for (const auto& section : sections) {
      starts_.push_back(bytes_.size());
      bytes_ += section;
    }
  }

  struct Payload {
    std::string bytes;
    bool unit_start = false;
  };

  /// Of at most `room` bytes, and such that a byte is left for each of the `more` packets to come;
  /// the last one is filled up. Empty when that cannot be.
  [[nodiscard]] Payload next(std::size_t room, std::size_t more) {
    Payload payload;
    const auto left = bytes_.size() - at_;
    if (left <= more || room == 0) return payload;
    const auto start = std::lower_bound(starts_.begin(), starts_.end(), at_);
    const auto ahead = start == starts_.end() ? left : *start - at_;
    const auto most = std::min(room - 1, left - more);
    payload.unit_start = start != starts_.end() && ahead < most;
    if (payload.unit_start) payload.bytes += static_cast<char>(ahead);
    // Nothing begins in a packet that has no pointer to it.
    const auto size = payload.unit_start ? most : std::min({room, left - more, ahead});
    payload.bytes.append(bytes_, at_, size);
    at_ += size;
    if (more == 0 && size > 0) payload.bytes.resize(room, kStuffing);
    return payload;
  }

  [[nodiscard]] bool is_done() const noexcept { return at_ == bytes_.size(); }

 private:
  std::string bytes_;
  std::vector<std::size_t> starts_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<ts::Pmt>> SampleAesSections::take(const ts::Packet& packet,
                                                     std::uint64_t offset) {
  std::vector<ts::Pmt> maps;
  if (packets_.empty() && !packet.unit_start) return maps;
  if (packets_.size() == kMaxPackets) {
    return upstream_error(Errc::bad_segment, "its program map has no end");
  }
  packets_.push_back(offset);
  assembler_.feed(packet.payload, packet.unit_start, sections_);
  if (!assembler_.is_idle()) return maps;
  auto sections = std::exchange(sections_, {});
  bool changed = false;
  for (auto& section : sections) {
    const auto map = ts::parse_pmt(section);
    if (!map) continue;
    maps.push_back(*map);
    if (encrypted_streams(*map).empty()) continue;
    section = ts::write_pmt(announce_clear(*map));
    changed = true;
  }
  if (changed) {
    if (const auto done = rewrite(sections); !done) return done.error();
  }
  packets_.clear();
  return maps;
}

Result<> SampleAesSections::rewrite(const std::vector<std::string>& sections) {
  SectionCutter cutter(sections);
  for (std::size_t i = 0; i < packets_.size(); ++i) {
    const auto bytes = work_->held.at(packets_[i], ts::kPacketSize);
    const auto packet = ts::parse_packet({bytes.data(), bytes.size()});
    const auto payload = cutter.next(packet->payload.size(), packets_.size() - 1 - i);
    if (!ts::replace_payload(bytes, payload.bytes)) break;
    ts::set_unit_start(bytes, payload.unit_start);
  }
  if (!cutter.is_done()) {
    return upstream_error(Errc::bad_segment, "its program map is spread over too many packets");
  }
  return {};
}

}  // namespace sluice::media
