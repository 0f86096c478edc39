#pragma once

#include <optional>
#include <string_view>

namespace sluice::hls {

/// U+FEFF in UTF-8; RFC 8216, 4.1 forbids it at the start of a playlist, yet it occurs.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// One line of a playlist; both views point into the playlist.
struct Line {
  std::string_view text;    ///< without its ending
  std::string_view ending;  ///< "\n", "\r\n", "\r\r\n"...; without "\n" only on the last line
};

/// Splits a playlist at LF, CR LF, and any run of CR before LF. RFC 8216, 4.1.
///
/// The texts and endings of all lines, put together, are the playlist byte for byte. A byte order
/// mark is part of the first line, and a CR elsewhere is part of its line.
class LineReader {
 public:
  /// `playlist` has to outlive the reader and every Line it gives.
  explicit LineReader(std::string_view playlist) noexcept : rest_(playlist) {}
  /// nullopt after the last line; text that ends in LF has no empty line after it.
  [[nodiscard]] std::optional<Line> next() noexcept;

 private:
  std::string_view rest_;
};

/// `playlist` without the byte order mark it may start with.
[[nodiscard]] std::string_view skip_byte_order_mark(std::string_view playlist) noexcept;

}  // namespace sluice::hls
