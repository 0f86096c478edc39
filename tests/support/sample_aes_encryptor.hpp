#pragma once

#include <string>
#include <string_view>

namespace sluice::test {

/// Encrypts as METHOD=SAMPLE-AES has it, written without any code of the program. `key` and `iv`
/// have 16 bytes. Throws std::invalid_argument for what it cannot read.
class SampleAesEncryptor {
 public:
  SampleAesEncryptor(std::string_view key, std::string_view iv) : key_(key), iv_(iv) {}

  /// A NAL unit of H.264 without start code; with the emulation prevention around it.
  [[nodiscard]] std::string nal(std::string_view clear) const;
  /// All NAL units between start codes.
  [[nodiscard]] std::string annex_b(std::string_view clear) const;
  /// Frames of ADTS, AC-3 (at 48 kHz) or E-AC-3, one behind the other.
  [[nodiscard]] std::string frames(std::string_view clear) const;
  /// Video of type 0x1b and audio of types 0x0f, 0x81 and 0x87, and the tables; packets are added
  /// where there is more of the video.
  [[nodiscard]] std::string ts(std::string_view clear) const;
  /// Packed audio: frames behind an ID3 tag that says when they begin, and what they are.
  [[nodiscard]] std::string packed(std::string_view clear_frames) const;

 private:
  [[nodiscard]] std::string blocks(std::string_view clear) const;

  std::string key_;
  std::string iv_;
};

}  // namespace sluice::test
