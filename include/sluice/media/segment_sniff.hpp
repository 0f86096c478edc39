#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::media {

/// What a segment is, going by its first bytes.
enum class SegmentKind : std::uint8_t {
  unknown,
  mpeg_ts,
  mp4,  ///< a file or a fragment; video or audio
  aac,  ///< ADTS, possibly behind an ID3 tag
  mp3,
  ac3,
  eac3,
  packed_audio,  ///< behind an ID3 tag that ends beyond the bytes seen
  webvtt,
  ttml,
  matroska,
  webm,
  jpeg,
  png,
  gif,
  webp,
};

/// More than this many bytes of a segment's start tell sniff_segment() nothing more.
inline constexpr std::size_t kSniffBytes = 1024;

/// Recognises a segment by its signature, wherever it came from. A transport stream needs two
/// packets' sync bytes.
[[nodiscard]] SegmentKind sniff_segment(std::string_view first_bytes) noexcept;

/// Media type of a kind; empty for unknown. Static storage.
[[nodiscard]] std::string_view media_type_of(SegmentKind kind) noexcept;

[[nodiscard]] bool is_image(SegmentKind kind) noexcept;

/// Media type of a segment whose Content-Type says nothing: by its bytes, and by `extension` (of
/// the address the player asked for, without dot, lower case), whose usual type is
/// `extension_type` (may be empty). A picture counts as one only under a picture's extension: in
/// front of a segment it is a disguise. Empty when nothing tells.
[[nodiscard]] std::string_view choose_segment_type(SegmentKind kind, std::string_view extension,
                                                   std::string_view extension_type) noexcept;

}  // namespace sluice::media
