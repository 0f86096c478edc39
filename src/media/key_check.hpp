#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/mp4/box.hpp"

namespace sluice::media {

/// Tells by what the first samples of a track decrypt to whether the key is the right one. Only for
/// formats whose samples are encrypted from their first byte, and begin in a way that others do
/// not: of video the beginnings are clear, and nothing in the rest tells within reasonable length.
class KeyCheck {
 public:
  /// How many bytes of a sample it looks at.
  static constexpr std::size_t kLook = 8;

  enum class Verdict : std::uint8_t {
    open,   ///< more samples are wanted
    right,  ///< or nothing more can be told
    wrong
  };

  /// `format` is the original one of the sample entry; `aac` whether its sound is AAC with elements
  /// (ISO/IEC 14496-3, 4.4.2.1).
  KeyCheck(mp4::FourCc format, bool aac) noexcept;

  /// False where it could not tell anything.
  [[nodiscard]] bool can_tell() const noexcept { return kind_ != Kind::none; }

  /// The first kLook bytes of a sample of `size` bytes, as it is after decryption; all of them in a
  /// shorter one.
  [[nodiscard]] Verdict look(std::string_view start, std::uint32_t size) noexcept;

 private:
  enum class Kind : std::uint8_t { none, aac, ac3, flac, web_vtt };

  [[nodiscard]] Verdict look_at_aac(std::uint8_t first) noexcept;
  [[nodiscard]] bool has_mark(std::string_view start, std::uint32_t size) const noexcept;

  Kind kind_;
  unsigned samples_ = 0;
  std::array<unsigned, 8> elements_{};  ///< how many samples began with each
};

}  // namespace sluice::media
