#include "sluice/hls/byte_range.hpp"

#include <limits>

#include "sluice/core/text.hpp"

namespace sluice::hls {

std::optional<ByteRange> parse_byte_range(std::string_view text,
                                          std::uint64_t default_offset) noexcept {
  constexpr auto kMax = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  text = trim(text);
  const auto at = text.find('@');
  const auto length = parse_u64(trim(text.substr(0, at)));
  const auto offset =
      at == text.npos ? std::optional(default_offset) : parse_u64(trim(text.substr(at + 1)));
  if (!length || *length == 0 || !offset || *length > kMax || *offset > kMax - *length) {
    return std::nullopt;
  }
  return ByteRange{*length, *offset};
}

void ByteRangeTracker::see(const Tag& tag) noexcept {
  if (tag.name == "EXT-X-BYTERANGE") tag_value_ = tag.value;
}

void ByteRangeTracker::segment(std::string_view uri) {
  const bool follows = current_ && uri == uri_;
  const auto default_offset = follows ? current_->offset + current_->length : 0;
  current_ = parse_byte_range(tag_value_, default_offset);
  tag_value_ = {};
  uri_ = uri;
}

}  // namespace sluice::hls
