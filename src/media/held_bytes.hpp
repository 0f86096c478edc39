#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

/// The bytes of a body between what was given away and what has come, known by their offset in the
/// body. Whoever releases them in time bounds its memory.
class HeldBytes {
 public:
  /// What release() gave before is invalid now.
  void append(std::span<const char> bytes);

  /// Offset of the first byte that is held, and of the one behind the last.
  [[nodiscard]] std::uint64_t begin() const noexcept { return begin_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return begin_ + bytes_.size() - given_; }

  /// Held bytes, writable; valid until the next append().
  [[nodiscard]] Bytes at(std::uint64_t offset, std::size_t size) noexcept;

  /// Gives away what is before `offset`, which is not before begin() and not behind end().
  [[nodiscard]] Bytes release(std::uint64_t offset) noexcept;

 private:
  std::vector<char> bytes_;
  std::size_t given_ = 0;  ///< of bytes_, at its front
  std::uint64_t begin_ = 0;
};

}  // namespace sluice::media
