// Packed audio: frames one behind the other, behind ID3 tags. RFC 8216, 3.4.

#include <algorithm>

#include "sample_aes_body.hpp"
#include "sluice/ts/audio_frames.hpp"

namespace sluice::media {
namespace {

/// Ends of other tags, or a frame that is damaged; more than this is no audio.
constexpr std::uint64_t kMaxNoise = 64 * 1024;
constexpr std::size_t kTagHead = 10;

/// Size of the ID3v2 tag that begins with these kTagHead bytes, whose length is written in seven
/// bits of each byte; 0 when none does.
std::size_t tag_size(std::string_view bytes) noexcept {
  if (!bytes.starts_with("ID3")) return 0;
  std::size_t size = 0;
  for (const char byte : bytes.substr(6, 4)) {
    if (static_cast<unsigned char>(byte) >= 0x80) return 0;
    size = size << 7 | static_cast<unsigned char>(byte);
  }
  const bool has_footer = (static_cast<unsigned char>(bytes[5]) & 0x10) != 0;
  return size + kTagHead + (has_footer ? kTagHead : 0);
}

std::optional<ts::AudioFrameHead> frame_head(std::string_view bytes) noexcept {
  const auto head = ts::parse_audio_head(ts::AudioSyntax::adts, bytes);
  return head ? head : ts::parse_audio_head(ts::AudioSyntax::ac3, bytes);
}

class PackedAudio final : public SampleAesBody {
 public:
  explicit PackedAudio(SampleAesWork& work) : work_(work) {}

  [[nodiscard]] Result<> advance() override {
    for (;;) {
      const auto left = work_.held.end() - at_;
      const auto skipped = std::min(skip_, left);
      skip_ -= skipped;
      at_ += skipped;
      if (skip_ > 0 || left - skipped < kTagHead) return {};
      const auto taken = take_one();
      if (!taken) return taken.error();
      if (!*taken) return {};
    }
  }

  [[nodiscard]] Result<> end() override {
    const auto left = static_cast<std::size_t>(work_.held.end() - at_);
    const auto rest = work_.held.at(at_, left);
    if (const auto head = frame_head({rest.data(), rest.size()})) {
      work_.cipher.decrypt_frame(rest.first(std::min(head->size, left)), head->head_size);
    }
    at_ += left;
    if (!found_) return upstream_error(Errc::bad_segment, "there is no audio in it");
    return {};
  }

  [[nodiscard]] std::uint64_t done() const override { return at_; }

 private:
  /// What begins here, where kTagHead bytes are; false while it is incomplete.
  [[nodiscard]] Result<bool> take_one() {
    const auto start = work_.held.at(at_, kTagHead);
    const std::string_view seen(start.data(), start.size());
    if (const auto size = tag_size(seen)) {
      skip_ = size;
      return true;
    }
    const auto head = frame_head(seen);
    if (!head) {
      ++at_;
      if (++noise_ > kMaxNoise) {
        return upstream_error(Errc::bad_segment, "it has no AAC, AC-3 or E-AC-3 where it should");
      }
      return true;
    }
    if (work_.held.end() - at_ < head->size) return false;
    work_.cipher.decrypt_frame(work_.held.at(at_, head->size), head->head_size);
    at_ += head->size;
    noise_ = 0;
    found_ = true;
    return true;
  }

  SampleAesWork& work_;
  std::uint64_t at_ = 0;     ///< up to here all is done
  std::uint64_t skip_ = 0;   ///< rest of a tag
  std::uint64_t noise_ = 0;  ///< bytes since the last frame that belong to nothing
  bool found_ = false;
};

}  // namespace

std::unique_ptr<SampleAesBody> make_sample_aes_audio(SampleAesWork& work) {
  return std::make_unique<PackedAudio>(work);
}

}  // namespace sluice::media
