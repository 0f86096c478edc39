// Audio in a transport stream: frames are decrypted when they are complete, wherever PES packets
// and transport packets cut them.

#include <algorithm>
#include <utility>

#include "sample_aes_streams.hpp"
#include "sluice/ts/pes.hpp"

namespace sluice::media {
namespace {

/// More bytes in a row that belong to no frame are no audio.
constexpr std::size_t kMaxNoise = 64 * 1024;

class AudioStream final : public SampleAesStream {
 public:
  AudioStream(ts::AudioSyntax syntax, SampleAesWork& work) : syntax_(syntax), work_(work) {}

  [[nodiscard]] Result<> take(const ts::Packet& packet, std::uint64_t offset) override {
    if (packet.unit_start) {
      begun_ = true;
      in_head_ = true;
      pes_start_.clear();
    }
    if (!begun_) return {};  // the rest of what the segment does not begin with
    auto payload = packet.payload;
    if (in_head_) payload.remove_prefix(take_head(payload));
    const auto skipped = ts::kPacketSize - payload.size();
    return take_bytes(payload, offset, offset + skipped);
  }

  [[nodiscard]] Result<> end() override {
    cut_frame();
    return {};
  }

  [[nodiscard]] std::optional<std::uint64_t> holds_from() const noexcept override {
    if (pieces_.empty()) return std::nullopt;
    return pieces_.front().packet;
  }

 private:
  struct Piece {
    std::uint64_t packet;  ///< offset of the packet
    std::uint64_t at;      ///< offset in the segment
    std::size_t size;
  };

  /// How much of `payload` belongs to the head of the PES packet.
  std::size_t take_head(std::string_view payload) {
    const auto before = pes_start_.size();
    pes_start_.append(payload.substr(0, ts::kMaxPesHead - before));
    if (pes_start_.size() < ts::kMinPesHead) return payload.size();
    const auto head = ts::parse_pes_head(pes_start_);
    if (!head) {
      // Nothing continues the frame under way now, and it would hold up all else.
      begun_ = in_head_ = false;
      cut_frame();
      return payload.size();
    }
    in_head_ = pes_start_.size() < head->size;
    // One of six bytes may have ended in the packet before.
    return in_head_ ? payload.size() : std::max(head->size, before) - before;
  }

  [[nodiscard]] Result<> take_bytes(std::string_view bytes, std::uint64_t packet,
                                    std::uint64_t at) {
    while (!bytes.empty()) {
      const auto wanted = (head_ ? head_->size : ts::kAudioHeadSize) - frame_.size();
      const auto size = std::min(wanted, bytes.size());
      frame_.append(bytes.substr(0, size));
      pieces_.push_back({packet, at, size});
      bytes.remove_prefix(size);
      at += size;
      if (size < wanted) return {};
      if (!head_) {
        head_ = ts::parse_audio_head(syntax_, frame_);
        if (!head_ && !drop_first_byte()) {
          return upstream_error(Errc::bad_segment,
                                "its tables announce audio that its packets do not carry");
        }
      }
      if (head_ && frame_.size() == head_->size) {
        finish_frame();
        forget();
      }
    }
    return {};
  }

  /// False when too many were dropped.
  [[nodiscard]] bool drop_first_byte() {
    frame_.erase(0, 1);
    auto& first = pieces_.front();
    ++first.at;
    if (--first.size == 0) pieces_.erase(pieces_.begin());
    return ++noise_ <= kMaxNoise;
  }

  void finish_frame() {
    work_.cipher.decrypt_frame(frame_, head_->head_size);
    std::string_view rest = frame_;
    for (const auto& piece : pieces_) {
      const auto place = work_.held.at(piece.at, piece.size);
      std::copy_n(rest.begin(), piece.size, place.begin());
      rest.remove_prefix(piece.size);
    }
    noise_ = 0;
  }

  void cut_frame() {
    if (head_) finish_frame();
    forget();
  }

  void forget() {
    frame_.clear();
    pieces_.clear();
    head_.reset();
  }

  ts::AudioSyntax syntax_;
  SampleAesWork& work_;
  bool begun_ = false;         ///< a PES packet has
  bool in_head_ = false;       ///< of a PES packet
  std::string pes_start_;      ///< of the PES packet under way, while in its head
  std::string frame_;          ///< what there is of the frame under way
  std::vector<Piece> pieces_;  ///< where it is from
  std::optional<ts::AudioFrameHead> head_;
  std::size_t noise_ = 0;  ///< bytes since the last frame that belong to none
};

}  // namespace

std::unique_ptr<SampleAesStream> make_sample_aes_audio_stream(ts::AudioSyntax syntax,
                                                              SampleAesWork& work) {
  return std::make_unique<AudioStream>(syntax, work);
}

}  // namespace sluice::media
