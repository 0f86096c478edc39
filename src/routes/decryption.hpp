#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/cenc/segment_cipher.hpp"
#include "sluice/core/error.hpp"
#include "sluice/core/query.hpp"
#include "sluice/core/url.hpp"

namespace sluice::routes {

/// bad_request: "parameter <name> <what>".
[[nodiscard]] Error bad_parameter(std::string_view name, std::string_view what);

/// A part of a file, ends included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  [[nodiscard]] std::uint64_t length() const noexcept { return last - first + 1; }
};

/// "first-last"; nullopt for anything else.
[[nodiscard]] std::optional<ByteRange> parse_byte_range(std::string_view text);
/// As a Range header wants it.
[[nodiscard]] std::string range_header(const ByteRange& range);

/// How a segment is to be decrypted here.
struct Decryption {
  /// What says how the samples of fragments are encrypted: their EXT-X-MAP.
  struct Map {
    Url url;
    std::optional<ByteRange> range;
  };
  cenc::SegmentMethod method = cenc::SegmentMethod::aes_128;
  std::optional<Url> key_url;  ///< nullopt: this is such a map, which is to say so no more
  std::string iv;              ///< cenc::kIvSize bytes, zeros where none is needed
  std::optional<Map> map;      ///< nullopt: not needed
};

/// Parameters `decrypt_method`, `decrypt_key`, `decrypt_iv`, `decrypt_map` and `decrypt_map_range`;
/// nullopt when none is given, bad_request naming the one that is missing or malformed.
[[nodiscard]] Result<std::optional<Decryption>> parse_decryption(const Query& query);

}  // namespace sluice::routes
