// H.264: PES packets are decrypted when they are complete. They get shorter by emulation prevention
// bytes, and the transport packets that carry them less full.

#include <algorithm>
#include <utility>
#include <vector>

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
      begun_ = true;
      length_ = 0;
      start_.clear();
    }
    if (!begun_) return {};  // the rest of what the segment does not begin with
    packets_.push_back(offset);
    length_ += packet.payload.size();
    if (start_.size() < ts::kPesPrefix) {
      start_.append(packet.payload.substr(0, ts::kPesPrefix - start_.size()));
    }
    const auto said = said_length();
    return said > 0 && length_ >= said ? end() : Result<>();
  }

  [[nodiscard]] Result<> end() override {
    if (packets_.empty()) return {};
    auto& pes = work_.scratch;
    pes.clear();
    pes.reserve(length_);
    for_each_packet([&](Bytes, const ts::Packet& packet) {
      pes.insert(pes.end(), packet.payload.begin(), packet.payload.end());
    });
    auto shrunk = put_back(std::string_view(pes.data(), decrypt_pes(pes)));
    packets_.clear();
    begun_ = false;
    return shrunk;
  }

  [[nodiscard]] std::optional<std::uint64_t> holds_from() const noexcept override {
    if (packets_.empty()) return std::nullopt;
    return packets_.front();
  }

 private:
  /// With its prefix; 0 where the head does not say it.
  [[nodiscard]] std::size_t said_length() const noexcept {
    if (start_.size() < ts::kPesPrefix) return 0;
    const auto said = static_cast<std::size_t>(static_cast<unsigned char>(start_[4])) << 8 |
                      static_cast<unsigned char>(start_[5]);
    return said == 0 ? 0 : said + ts::kPesPrefix;
  }

  /// The packets of the PES packet under way.
  template <class Function>
  void for_each_packet(Function function) {
    for (const auto offset : packets_) {
      const auto bytes = work_.held.at(offset, ts::kPacketSize);
      if (const auto packet = ts::parse_packet({bytes.data(), bytes.size()})) {
        function(bytes, *packet);
      }
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
  [[nodiscard]] Result<> put_back(std::string_view pes) {
    auto packets = packets_.size();
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
  bool begun_ = false;                  ///< a PES packet is under way
  std::vector<std::uint64_t> packets_;  ///< offsets of those that carry it
  std::size_t length_ = 0;              ///< of it so far
  std::string start_;                   ///< of it, up to its length
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
