#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// ASCII-only helpers; bytes above 0x7f are left as they are. Views returned point into the
/// argument.

[[nodiscard]] constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr char ascii_upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
[[nodiscard]] std::string ascii_lower(std::string_view text);
/// Inline: header look-ups call it many times per request.
[[nodiscard]] constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}
[[nodiscard]] bool istarts_with(std::string_view text, std::string_view prefix) noexcept;
/// Case-insensitive search; false when `needle` is empty.
[[nodiscard]] bool icontains(std::string_view text, std::string_view needle) noexcept;
/// Without leading and trailing SP, HTAB, CR and LF.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
/// The parts between `separator`s, untrimmed; "a,,b" gives three, "" gives one empty part.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
/// A whole decimal number without sign, spaces or overflow; nullopt otherwise.
[[nodiscard]] std::optional<std::uint64_t> parse_u64(std::string_view digits) noexcept;

}  // namespace sluice
