#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// Reads numbers, the most significant byte first, out of bytes it does not own. Failure is sticky:
/// what is read beyond the end is zero or empty, and ok() is false from then on, so that a parser
/// reads like the table it implements and asks once.
class ByteCursor {
 public:
  explicit constexpr ByteCursor(std::string_view bytes) noexcept : rest_(bytes) {}

  /// A number of `width` bytes, 1 to 8.
  [[nodiscard]] constexpr std::uint64_t number(std::size_t width) noexcept {
    std::uint64_t value = 0;
    for (const char byte : take(width)) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }
  [[nodiscard]] constexpr std::uint8_t u8() noexcept {
    return static_cast<std::uint8_t>(fixed<1>());
  }
  [[nodiscard]] constexpr std::uint16_t u16() noexcept {
    return static_cast<std::uint16_t>(fixed<2>());
  }
  [[nodiscard]] constexpr std::uint32_t u24() noexcept {
    return static_cast<std::uint32_t>(fixed<3>());
  }
  [[nodiscard]] constexpr std::uint32_t u32() noexcept {
    return static_cast<std::uint32_t>(fixed<4>());
  }
  [[nodiscard]] constexpr std::uint64_t u64() noexcept { return fixed<8>(); }

  /// The next `size` bytes; empty when there are fewer.
  constexpr std::string_view take(std::uint64_t size) noexcept {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  constexpr void skip(std::uint64_t size) noexcept { (void)take(size); }

  [[nodiscard]] constexpr std::string_view rest() const noexcept { return rest_; }
  [[nodiscard]] constexpr bool ok() const noexcept { return ok_; }

 private:
  /// As number(), of a width that compilers turn into one load.
  template <std::size_t width>
  [[nodiscard]] constexpr std::uint64_t fixed() noexcept {
    const auto bytes = take(width);
    if (bytes.size() != width) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace sluice
