#pragma once

#include <memory>
#include <string_view>

#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

class SampleAesBody;
struct SampleAesWork;

/// Decrypts a segment of METHOD=SAMPLE-AES: a transport stream of 188-byte packets, or packed
/// audio, told by its first bytes. As many bytes come out as went in: what a PES packet gets
/// shorter by becomes stuffing of its transport packets, so that time stamps, PCRs and continuity
/// counters stay where they are. Streams that are not announced as encrypted pass unchanged.
///
/// bad_segment (origin upstream) when it is neither, has no usable program map in its first MiB,
/// loses its sync, is cut inside a packet, or has PES packets of more than kMaxHeld bytes.
class SampleAesStage final : public ByteTransform {
 public:
  /// Bytes that are held while a PES packet of video is incomplete.
  static constexpr std::size_t kMaxHeld = 8 * 1024 * 1024;

  /// 16 bytes each, as cenc::SampleAesCipher.
  SampleAesStage(std::string_view key, std::string_view iv);
  ~SampleAesStage() override;

  [[nodiscard]] Result<Step> feed(Bytes input) override;
  [[nodiscard]] Result<Bytes> finish() override;
  [[nodiscard]] std::optional<std::uint64_t> output_size(
      std::uint64_t input_size) const noexcept override {
    return input_size;
  }
  /// Nearly all of it is used only while a PES packet is that long; usual ones take well below 1
  /// MiB.
  [[nodiscard]] std::size_t max_buffered() const noexcept override;

 private:
  [[nodiscard]] Result<> decide(bool is_all);

  std::unique_ptr<SampleAesWork> work_;
  std::unique_ptr<SampleAesBody> body_;  ///< once it is known what the segment is
};

}  // namespace sluice::media
