#include "sluice/hls/lines.hpp"

namespace sluice::hls {

std::optional<Line> LineReader::next() noexcept {
  if (rest_.empty()) return std::nullopt;
  const auto feed = rest_.find('\n');
  const std::string_view whole = rest_.substr(0, feed == rest_.npos ? feed : feed + 1);
  rest_.remove_prefix(whole.size());

  std::size_t length = feed == rest_.npos ? whole.size() : feed;
  while (length > 0 && whole[length - 1] == '\r') --length;
  return Line{whole.substr(0, length), whole.substr(length)};
}

std::string_view skip_byte_order_mark(std::string_view playlist) noexcept {
  if (playlist.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    playlist.remove_prefix(kByteOrderMark.size());
  }
  return playlist;
}

}  // namespace sluice::hls
