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

  /// Takes note of a tag; true when its line is not for the player.
  [[nodiscard]] bool take(const hls::Line& line, const hls::Tag& tag);
  /// For the segment at a URI line; `held` receives the EXT-X-BYTERANGE that was held back and
  /// belongs before it. nullptr: it is clear.
  [[nodiscard]] const SegmentDecryption* segment(std::string_view uri, hls::Line& held);
  /// For the URI of EXT-X-MAP, EXT-X-PART or EXT-X-PRELOAD-HINT. Where the tag names a byte range,
  /// and a decryption is given, `line` becomes `edited`, the line without it.
  [[nodiscard]] const SegmentDecryption* attribute(const hls::Tag& tag, std::string& edited);

 private:
  struct Key {
    std::string method;
    std::string url;
    std::string iv;  ///< empty: the sequence number
  };
  void take_key(std::string_view attributes);
  [[nodiscard]] const SegmentDecryption* use(std::string iv, std::string byte_range);

  const hls::Variables& variables_;
  ReferenceResolver& resolver_;
  bool in_use_ = false;  ///< the playlist has keys that can be used
  std::optional<Key> key_;
  hls::SequenceNumbers numbers_;
  hls::ByteRangeTracker byte_ranges_;
  hls::Line held_;
  SegmentDecryption current_;
};

}  // namespace sluice::media
