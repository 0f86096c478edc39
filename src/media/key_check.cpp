#include "key_check.hpp"

#include <algorithm>

#include "sluice/core/byte_cursor.hpp"

namespace sluice::media {
namespace {

using mp4::four_cc;

/// Samples without the mark that each must have, until it is no accident.
constexpr unsigned kUnmarked = 4;

// Sound is AAC: a sample that begins with its end (element 7) does not exist, and encoders begin
// all samples alike. Of random ones, one in eight begins with the end.
constexpr unsigned kEnd = 7;
constexpr unsigned kEnds = 2;
constexpr unsigned kDifferent = 5;
constexpr unsigned kAlike = 8;
constexpr unsigned kMostSamples = 40;
/// Shorter ones may be nothing but an end.
constexpr std::uint32_t kSmallSample = 16;

}  // namespace

KeyCheck::KeyCheck(mp4::FourCc format, bool aac) noexcept : kind_(Kind::none) {
  switch (format) {
    case four_cc("mp4a"): kind_ = aac ? Kind::aac : Kind::none; break;
    case four_cc("ac-3"):
    case four_cc("ec-3"): kind_ = Kind::ac3; break;
    case four_cc("fLaC"): kind_ = Kind::flac; break;
    case four_cc("wvtt"): kind_ = Kind::web_vtt; break;
    default: break;
  }
}

KeyCheck::Verdict KeyCheck::look(std::string_view start, std::uint32_t size) noexcept {
  if (kind_ == Kind::none) return Verdict::right;
  if (size < kLook) return Verdict::open;
  if (kind_ == Kind::aac) {
    if (size < kSmallSample) return Verdict::open;
    return look_at_aac(static_cast<std::uint8_t>(start[0]));
  }
  if (has_mark(start, size)) return Verdict::right;
  return ++samples_ < kUnmarked ? Verdict::open : Verdict::wrong;
}

KeyCheck::Verdict KeyCheck::look_at_aac(std::uint8_t first) noexcept {
  ++samples_;
  ++elements_[first >> 5U];
  const auto different =
      std::count_if(elements_.begin(), elements_.end(), [](unsigned count) { return count > 0; });
  if (elements_[kEnd] >= kEnds && different >= static_cast<std::ptrdiff_t>(kDifferent)) {
    return Verdict::wrong;
  }
  const bool alike = different == 1 && elements_[kEnd] == 0 && samples_ >= kAlike;
  return alike || samples_ >= kMostSamples ? Verdict::right : Verdict::open;
}

/// Sync words of AC-3 (ETSI TS 102 366, 4.3.1) and FLAC (RFC 9639, 9.1); a box of WebVTT
/// (ISO/IEC 14496-30, 7.4).
bool KeyCheck::has_mark(std::string_view start, std::uint32_t size) const noexcept {
  ByteCursor cursor(start);
  const auto first = cursor.u32();
  if (kind_ == Kind::ac3) return first >> 16U == 0x0b77;
  if (kind_ == Kind::flac) return first >> 18U == 0x3ffe;
  const auto type = cursor.u32();
  return first >= kLook && first <= size &&
         (type == four_cc("vttc") || type == four_cc("vtte") || type == four_cc("vtta"));
}

}  // namespace sluice::media
