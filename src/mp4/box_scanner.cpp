#include "sluice/mp4/box_scanner.hpp"

#include <algorithm>

namespace sluice::mp4 {

Result<std::optional<BoxScanner::Header>> BoxScanner::take_header(std::string_view bytes) {
  auto seen = bytes;
  if (held_size_ > 0) {
    const auto copied = std::min(bytes.size(), held_.size() - held_size_);
    std::copy_n(bytes.begin(), copied, held_.begin() + static_cast<std::ptrdiff_t>(held_size_));
    seen = {held_.data(), held_size_ + copied};
  }
  const auto parsed = parse_box_header(seen);
  if (!parsed) return parsed.error();
  if (!*parsed) {
    // Shorter than any header, so it fits.
    if (held_size_ == 0) std::copy(bytes.begin(), bytes.end(), held_.begin());
    held_size_ += bytes.size();
    return std::optional<Header>();
  }
  const auto& box = **parsed;
  const Header header{box, box.header_size - held_size_, seen.substr(0, box.header_size)};
  held_size_ = 0;
  to_the_end_ = box.size == 0;
  left_ = to_the_end_ ? 0 : box.size - box.header_size;
  in_header_ = !to_the_end_ && left_ == 0;
  return std::optional(header);
}

std::size_t BoxScanner::content_in(std::size_t available) const noexcept {
  return to_the_end_ ? available
                     : static_cast<std::size_t>(std::min<std::uint64_t>(available, left_));
}

void BoxScanner::pass(std::size_t bytes) noexcept {
  if (to_the_end_) return;
  left_ -= bytes;
  in_header_ = left_ == 0;
}

}  // namespace sluice::mp4
