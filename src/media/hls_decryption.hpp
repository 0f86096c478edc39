#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/core/reference_resolver.hpp"
#include "sluice/hls/byte_range.hpp"
#include "sluice/hls/lines.hpp"
#include "sluice/hls/segment_key.hpp"
#include "sluice/media/hls_rewrite.hpp"

namespace sluice::media {

/// Follows the keys of a playlist whose segments Sluice decrypts: which lines the player must not
/// see, and what each segment needs. Told every line in its order.
class HlsDecryption {
 public:
  /// All outlive this.
  HlsDecryption(std::string_view playlist, const hls::Variables& variables,
                ReferenceResolver& resolver);

  /// Takes note of a tag: what the player sees in place of its line. nullopt: the line; empty:
  /// nothing, not even a line.
  [[nodiscard]] std::optional<std::string_view> take(const hls::Line& line, const hls::Tag& tag);
  /// For the segment at a URI line; `held` receives the EXT-X-BYTERANGE that was held back and
  /// belongs before it. nullptr: it is clear.
  [[nodiscard]] const SegmentDecryption* segment(std::string_view uri, hls::Line& held);
  /// For the URI of EXT-X-MAP, EXT-X-PART or EXT-X-PRELOAD-HINT. Where the tag names a byte range,
  /// and a decryption is given, `line` becomes `edited`, the line without it.
  [[nodiscard]] const SegmentDecryption* attribute(const hls::Tag& tag, std::string& edited);

 private:
  /// An EXT-X-KEY that can be used.
  struct Key {
    std::string method;
    std::string url;
    std::string iv;  ///< empty: the sequence number
    bool of_samples;
  };
  struct Map {
    std::string url;
    std::string range;
  };
  [[nodiscard]] std::optional<std::string_view> take_key(const hls::Line& line,
                                                         std::string_view attributes);
  enum class Keys : std::uint8_t { none, usable, others };
  [[nodiscard]] Keys keys_behind(std::string_view here) const;
  void use_key(std::string_view attributes);
  [[nodiscard]] std::optional<std::string> resolve(std::string_view uri);
  [[nodiscard]] std::string iv() const;
  [[nodiscard]] const SegmentDecryption* use(std::string byte_range);
  [[nodiscard]] const SegmentDecryption* map(const hls::Tag& tag, std::string& edited);

  std::string_view playlist_;
  const hls::Variables& variables_;
  ReferenceResolver& resolver_;
  bool in_use_ = false;      ///< the playlist has keys that can be used
  bool of_samples_ = false;  ///< among them such of samples
  std::optional<Key> key_;
  bool shown_ = false;      ///< a key that the player has seen is in effect for it
  std::optional<Map> map_;  ///< in effect
  hls::SequenceNumbers numbers_;
  hls::ByteRangeTracker byte_ranges_;
  std::string part_uri_;        ///< of the EXT-X-PART before
  std::uint64_t part_end_ = 0;  ///< where its byte range ended
  hls::Line held_;
  SegmentDecryption current_;
};

}  // namespace sluice::media
