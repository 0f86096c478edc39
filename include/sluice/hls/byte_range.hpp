#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/hls/tag.hpp"

namespace sluice::hls {

struct ByteRange {
  std::uint64_t length = 0;  ///< in bytes, at least 1
  std::uint64_t offset = 0;  ///< of the first byte
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// "length[@offset]", the offset from `default_offset` when it is left out. RFC 8216, 4.3.2.2.
/// nullopt when malformed, empty, or past 2^63.
[[nodiscard]] std::optional<ByteRange> parse_byte_range(std::string_view text,
                                                        std::uint64_t default_offset) noexcept;

/// Works out the byte range of each segment: one without offset begins where the one before it
/// ended, when both are of one resource. RFC 8216, 4.3.2.2.
class ByteRangeTracker {
 public:
  /// To be told every tag, and then each segment's URI as it stands in the playlist.
  void see(const Tag& tag) noexcept;
  void segment(std::string_view uri);
  /// Of the segment told last; nullopt: the whole resource.
  [[nodiscard]] const std::optional<ByteRange>& current() const noexcept { return current_; }

 private:
  std::string_view tag_value_;  ///< of the next segment's EXT-X-BYTERANGE
  std::string_view uri_;
  std::optional<ByteRange> current_;
};

}  // namespace sluice::hls
