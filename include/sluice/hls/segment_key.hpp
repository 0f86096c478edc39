#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/hls/tag.hpp"

namespace sluice::hls {

/// Counts the media sequence numbers of a playlist's segments. RFC 8216, 4.3.3.2; segments left out
/// of a delta update count too (RFC 8216bis, 4.4.5.2).
class SequenceNumbers {
 public:
  /// To be told every tag, and every segment after its tags.
  void see(const Tag& tag) noexcept;
  void segment() noexcept { ++next_; }
  /// The number of the segment whose tags are being read.
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }

 private:
  std::uint64_t next_ = 0;
};

/// The initialization vector that follows from a sequence number: "0x" and 32 hex digits. RFC 8216,
/// 5.2.
[[nodiscard]] std::string implicit_iv(std::uint64_t sequence_number);

/// The EXT-X-KEY tags that apply to the next segment: one per KEYFORMAT, none after METHOD=NONE.
/// RFC 8216, 4.3.2.4.
class KeysInEffect {
 public:
  /// Of more formats at once none is taken.
  static constexpr std::size_t kMaxFormats = 16;

  /// To be told each EXT-X-KEY: its line, and the attributes in it. Views into the playlist, which
  /// outlives this.
  void see(std::string_view line, std::string_view attributes);

  /// The lines as they stand.
  [[nodiscard]] std::vector<std::string> lines() const;
  /// The lines with the initialization vector of segment `sequence_number` where one follows from
  /// it.
  [[nodiscard]] std::vector<std::string> lines(std::uint64_t sequence_number) const;

 private:
  [[nodiscard]] bool knows(std::string_view format) const;

  struct Key {
    std::string_view line;
    std::string_view format;
    bool implicit_iv;
  };
  std::vector<Key> keys_;
};

}  // namespace sluice::hls
