#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::ts {

/// How audio is cut into frames.
enum class AudioSyntax : std::uint8_t {
  adts,  ///< AAC. ISO/IEC 14496-3, 1.A.3.2
  ac3,   ///< AC-3 and E-AC-3. ETSI TS 102 366, 4.3.1 and E.1.3.1
};

/// With so many bytes of its start a frame's head can be told, in either syntax.
inline constexpr std::size_t kAudioHeadSize = 7;
/// The longest frame of either, in bytes.
inline constexpr std::size_t kMaxAudioFrame = 8191;

struct AudioFrameHead {
  std::size_t size = 0;       ///< of the frame, in bytes
  std::size_t head_size = 0;  ///< of its ADTS header with checksum; 0 in the other syntax
};

/// The frame that begins with `bytes`, of which there are kAudioHeadSize; nullopt when none does.
[[nodiscard]] std::optional<AudioFrameHead> parse_audio_head(AudioSyntax syntax,
                                                             std::string_view bytes) noexcept;

}  // namespace sluice::ts
