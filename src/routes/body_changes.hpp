#pragma once

#include <memory>
#include <optional>
#include <string>

#include "decryption.hpp"
#include "sluice/core/query.hpp"
#include "sluice/http/header_list.hpp"
#include "sluice/http/response_head.hpp"
#include "sluice/media/segment_decryption.hpp"
#include "sluice/media/transform_chain.hpp"

namespace sluice::routes {

/// What is to happen to a body on its way to the client. What the client gets then is whole, and
/// cannot be had in parts.
struct BodyChanges {
  bool unwrap = false;  ///< transformer=ts_stream
  std::optional<ByteRange> range;
  std::optional<Decryption> decryption;

  [[nodiscard]] bool any() const noexcept { return unwrap || range || decryption; }
  /// Replaces the client's Range by what is needed.
  void set_range(http::HeaderList& upstream_headers) const;
};

/// Whether parameter `transformer` asks for the disguise of segments to be taken off; bad_request
/// when it names anything else than ts_stream.
[[nodiscard]] Result<bool> parse_transformer(const Query& query);

/// Parameters `transformer`, `byterange`, and those of parse_decryption(); bad_request names the
/// one that is missing or malformed.
[[nodiscard]] Result<BodyChanges> parse_body_changes(const Query& query);

/// What a segment's decryption takes beside the segment.
struct SegmentSecrets {
  std::string key;  ///< cenc::key_size() bytes
  /// Where there is a map: what it says. For HEAD neither is needed.
  std::shared_ptr<const media::Mp4Protection> protection;
};

/// The stages for a body with this head (status 200 or 206), without any when it is already what is
/// wanted. bad_segment when the origin sent something else than the range asked for.
[[nodiscard]] Result<media::TransformChain> make_chain(const BodyChanges& changes,
                                                       const http::ResponseHead& head,
                                                       const SegmentSecrets& secrets);

}  // namespace sluice::routes
