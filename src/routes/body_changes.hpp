#pragma once

#include <optional>
#include <string>

#include "sluice/cenc/segment_cipher.hpp"
#include "sluice/core/query.hpp"
#include "sluice/core/url.hpp"
#include "sluice/http/header_list.hpp"
#include "sluice/http/response_head.hpp"
#include "sluice/media/transform_chain.hpp"

namespace sluice::routes {

/// A part of a file, ends included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  [[nodiscard]] std::uint64_t length() const noexcept { return last - first + 1; }
};

/// How a segment is to be decrypted here.
struct Decryption {
  cenc::SegmentMethod method = cenc::SegmentMethod::aes_128;
  Url key_url;
  std::string iv;  ///< cenc::kIvSize bytes
};

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

/// Parameters `transformer`, `byterange`, `decrypt_method`, `decrypt_key` and `decrypt_iv`;
/// bad_request names the one that is missing or malformed.
[[nodiscard]] Result<BodyChanges> parse_body_changes(const Query& query);

/// The stages for a body with this head (status 200 or 206), without any when it is already what is
/// wanted. `key` is for `decryption`. bad_segment when the origin sent something else than the
/// range asked for.
[[nodiscard]] Result<media::TransformChain> make_chain(const BodyChanges& changes,
                                                       const http::ResponseHead& head,
                                                       const std::string& key);

}  // namespace sluice::routes
