#pragma once

#include <memory>

#include "sample_aes_body.hpp"
#include "sample_aes_tables.hpp"
#include "sluice/ts/audio_frames.hpp"
#include "sluice/ts/packet.hpp"

namespace sluice::media {

/// Decrypts one elementary stream in the packets that carry it.
class SampleAesStream {
 public:
  SampleAesStream() = default;
  SampleAesStream(const SampleAesStream&) = delete;
  SampleAesStream& operator=(const SampleAesStream&) = delete;
  virtual ~SampleAesStream() = default;

  /// The next packet of its PID that has a payload, at this offset.
  [[nodiscard]] virtual Result<> take(const ts::Packet& packet, std::uint64_t offset) = 0;
  /// There are no more.
  [[nodiscard]] virtual Result<> end() = 0;
  /// Offset of the first packet that is not done; nullopt when all are.
  [[nodiscard]] virtual std::optional<std::uint64_t> holds_from() const noexcept = 0;
};

/// `work` outlives it.
[[nodiscard]] std::unique_ptr<SampleAesStream> make_sample_aes_stream(SampleCodec codec,
                                                                      SampleAesWork& work);
/// The two kinds of it; `syntax` is how the frames are told.
[[nodiscard]] std::unique_ptr<SampleAesStream> make_sample_aes_video(SampleAesWork& work);
[[nodiscard]] std::unique_ptr<SampleAesStream> make_sample_aes_audio_stream(ts::AudioSyntax syntax,
                                                                            SampleAesWork& work);

}  // namespace sluice::media
