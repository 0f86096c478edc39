#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::http {

/// True for a Range header of unit bytes whose every part is "a-b" (a <= b), "a-" or "-n". RFC
/// 9110, 14.1.2.
[[nodiscard]] bool is_byte_range(std::string_view range) noexcept;

/// "bytes first-last/total"; `total` is absent when the origin wrote '*'. RFC 9110, 14.4.
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total;

  friend bool operator==(const ContentRange&, const ContentRange&) = default;
};
/// nullopt when malformed, when last < first, or when last is not below total.
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view value) noexcept;

}  // namespace sluice::http
