// H.264: PES packets are decrypted when they are complete. They get shorter by emulation prevention
// bytes, and the transport packets that carry them less full.

#include <algorithm>
#include <utility>

#include "annex_b.hpp"
#include "sample_aes_streams.hpp"
#include "sluice/ts/pes.hpp"

namespace sluice::media {
namespace {

class VideoStream final : public SampleAesStream {
 public:
  explicit VideoStream(SampleAesWork& work) : work_(work) {}

  [[nodiscard]] Result<> take(const ts::Packet& packet, std::uint64_t offset) override {
    if (packet.unit_start) {
      if (const auto ended = end(); !ended) return ended.error();
      pid_ = packet.pid;
      first_ = offset;
      length_ = 0;
      start_.clear();
    }
    if (!first_) return {};  // the rest of what the segment does not begin with
    last_ = offset;
    length_ += packet.payload.size();
    if (start_.size() < ts::kPesPrefix) {
      start_.append(packet.payload.substr(0, ts::kPesPrefix - start_.size()));
    }
    const auto said = said_length();
    return said > 0 && length_ >= said ? end() : Result<>();
  }

  [[nodiscard]] Result<> end() override {
    if (!first_) return {};
    auto& pes = work_.scratch;
    pes.resize(length_);
    std::size_t at = 0;
    std::size_t packets = 0;
    for_each_packet([&](Bytes, const ts::Packet& packet) {
      std::copy(packet.payload.begin(), packet.payload.end(),
                pes.begin() + static_cast<std::ptrdiff_t>(at));
      at += packet.payload.size();
      ++packets;
    });
    auto shrunk = put_back(std::string_view(pes.data(), decrypt_pes(pes)), packets);
    first_.reset();
    return shrunk;
  }

  [[nodiscard]] std::optional<std::uint64_t> holds_from() const noexcept override { return first_; }

 private:
  /// With its prefix; 0 where the head does not say it.
  [[nodiscard]] std::size_t said_length() const noexcept {
    if (start_.size() < ts::kPesPrefix) return 0;
    const auto said = static_cast<std::size_t>(static_cast<unsigned char>(start_[4])) << 8 |
                      static_cast<unsigned char>(start_[5]);
    return said == 0 ? 0 : said + ts::kPesPrefix;
  }

  /// The packets of the PES packet under way, which have a payload.
  template <class Function>
  void for_each_packet(Function function) {
    for (auto at = *first_; at <= last_; at += ts::kPacketSize) {
      const auto bytes = work_.held.at(at, ts::kPacketSize);
      const auto packet = ts::parse_packet({bytes.data(), bytes.size()});
      if (packet && packet->pid == pid_ && !packet->payload.empty()) function(bytes, *packet);
    }
  }

  /// In place; the size afterwards.
  [[nodiscard]] std::size_t decrypt_pes(Bytes pes) {
    const auto head = ts::parse_pes_head({pes.data(), pes.size()});
    if (!head || head->size >= pes.size()) return pes.size();
    const auto said = said_length();
    const auto end = said == 0 ? pes.size() : std::min(pes.size(), said);
    if (head->size >= end) return pes.size();
    const auto before = end - head->size;
    const auto removed = before - decrypt_annex_b(pes.subspan(head->size, before), work_.cipher);
    if (removed == 0) return pes.size();
    std::copy(pes.begin() + static_cast<std::ptrdiff_t>(end), pes.end(),
              pes.begin() + static_cast<std::ptrdiff_t>(end - removed));
    if (said > 0) {
      const auto length = head->packet_length - removed;
      pes[4] = static_cast<char>(length >> 8);
      pes[5] = static_cast<char>(length & 0xff);
    }
    return pes.size() - removed;
  }

  /// Packets stay as full as they were, but for the last ones: each needs a byte, or its continuity
  /// counter would be wrong.
  [[nodiscard]] Result<> put_back(std::string_view pes, std::size_t packets) {
    bool fits = true;
    for_each_packet([&](Bytes bytes, const ts::Packet& packet) {
      --packets;
      const auto most = pes.size() - std::min(packets, pes.size());
      const auto part = pes.substr(0, std::min(packet.payload.size(), most));
      fits = fits && ts::replace_payload(bytes, part);
      pes.remove_prefix(part.size());
    });
    if (fits) return {};
    return upstream_error(Errc::bad_segment,
                          "its video is spread over more packets than it has bytes");
  }

  SampleAesWork& work_;
  std::uint16_t pid_ = ts::kNullPid;
  std::optional<std::uint64_t> first_;  ///< packet of the PES packet under way, and its last so far
  std::uint64_t last_ = 0;
  std::size_t length_ = 0;  ///< of the PES packet so far
  std::string start_;       ///< of it, up to its length
};

}  // namespace

std::unique_ptr<SampleAesStream> make_sample_aes_video(SampleAesWork& work) {
  return std::make_unique<VideoStream>(work);
}

std::unique_ptr<SampleAesStream> make_sample_aes_stream(SampleCodec codec, SampleAesWork& work) {
  switch (codec) {
    case SampleCodec::h264: return make_sample_aes_video(work);
    case SampleCodec::aac: return make_sample_aes_audio_stream(ts::AudioSyntax::adts, work);
    case SampleCodec::ac3: return make_sample_aes_audio_stream(ts::AudioSyntax::ac3, work);
  }
  return nullptr;
}

}  // namespace sluice::media
