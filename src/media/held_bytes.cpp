#include "held_bytes.hpp"

#include <algorithm>

namespace sluice::media {

void HeldBytes::append(std::span<const char> bytes) {
  // Moving no more than was given away keeps the cost per byte constant.
  const auto held = bytes_.size() - given_;
  if (given_ >= held) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(given_), bytes_.end(), bytes_.begin());
    bytes_.resize(held);
    given_ = 0;
  }
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

Bytes HeldBytes::at(std::uint64_t offset, std::size_t size) noexcept {
  return Bytes(bytes_).subspan(given_ + static_cast<std::size_t>(offset - begin_), size);
}

Bytes HeldBytes::release(std::uint64_t offset) noexcept {
  const auto given = at(begin_, static_cast<std::size_t>(offset - begin_));
  given_ += given.size();
  begin_ = offset;
  return given;
}

}  // namespace sluice::media
