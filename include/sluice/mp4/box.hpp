#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sluice/core/byte_cursor.hpp"
#include "sluice/core/error.hpp"

namespace sluice::mp4 {

/// Four characters as a number, the first one the most significant.
using FourCc = std::uint32_t;

[[nodiscard]] constexpr FourCc four_cc(std::string_view text) noexcept {
  FourCc value = 0;
  for (const char byte : text.substr(0, 4)) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}
/// For messages: what is not printable is a '?'.
[[nodiscard]] std::string to_string(FourCc type);

/// Of the longest header: size, type, 64-bit size and extended type.
inline constexpr std::size_t kMaxBoxHeader = 32;

/// What a box begins with. ISO/IEC 14496-12, 4.2.
struct BoxHeader {
  FourCc type = 0;
  std::uint64_t size = 0;       ///< of the whole box in bytes; 0: up to the end of what holds it
  std::size_t header_size = 0;  ///< 8, 16, 24 or 32 bytes
  std::array<char, 16> uuid{};  ///< the extended type of a `uuid`

  [[nodiscard]] bool has_uuid(std::string_view id) const noexcept {
    return type == four_cc("uuid") && id == std::string_view(uuid.data(), uuid.size());
  }
};

/// The header `bytes` begin with; nullopt while more of them are needed, at most kMaxBoxHeader.
/// bad_segment (origin upstream) for a size smaller than the header itself.
[[nodiscard]] Result<std::optional<BoxHeader>> parse_box_header(std::string_view bytes);

/// A box inside another one that is there as a whole. The views point into what it was read from.
struct Box {
  BoxHeader header;
  std::string_view bytes;  ///< all of it

  [[nodiscard]] FourCc type() const noexcept { return header.type; }
  [[nodiscard]] std::string_view content() const noexcept {
    return bytes.substr(header.header_size);
  }
};

/// The boxes that stand one after the other in `content`.
class BoxReader {
 public:
  explicit BoxReader(std::string_view content) noexcept : rest_(content) {}

  /// nullopt at the end, and at a box that does not fit: then ok() is false. Fewer bytes than a
  /// header needs are padding at the end.
  [[nodiscard]] std::optional<Box> next();
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

/// The first box of that type in `content`.
[[nodiscard]] std::optional<Box> find_box(std::string_view content, FourCc type);

/// The version and flags that a full box begins with. ISO/IEC 14496-12, 4.2.
struct FullBox {
  std::uint8_t version = 0;
  std::uint32_t flags = 0;  ///< 24 bits
};

[[nodiscard]] constexpr FullBox read_full_box(ByteCursor& cursor) noexcept {
  const auto version = cursor.u8();
  return {version, cursor.u24()};
}

/// bad_segment (origin upstream): the box `name` does not hold what it has to.
[[nodiscard]] Error malformed(std::string_view name);

/// Overwrites `box`, which lies in `buffer`, by a `free` one of the same size full of zeros: so
/// nothing behind it moves. ISO/IEC 14496-12, 8.1.2.
void make_free(std::span<char> buffer, const Box& box) noexcept;

}  // namespace sluice::mp4
