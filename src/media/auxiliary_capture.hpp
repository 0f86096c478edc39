#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace sluice::media {

/// Auxiliary information that lies among the samples: parts of the file copied as they pass.
class AuxiliaryCapture {
 public:
  static constexpr std::size_t kMost = 256 * 1024;  ///< bytes in all

  /// Room for `size` bytes, at most kMost - held(). Stays where it is.
  [[nodiscard]] std::string_view reserve(std::size_t size) {
    buffers_.push_back(std::make_unique<char[]>(size));
    held_ += size;
    return {buffers_.back().get(), size};
  }
  /// Part of a room is to be filled with bytes from `offset` of the file on. Its number.
  [[nodiscard]] std::size_t want(std::uint64_t offset, std::string_view room) {
    ranges_.push_back(
        {offset, buffers_.back().get() + (room.data() - buffers_.back().get()), room.size(), 0});
    return ranges_.size() - 1;
  }

  void observe(std::uint64_t position, std::string_view bytes) noexcept {
    for (auto& range : ranges_) {
      const auto next = range.offset + range.got;
      if (range.got == range.size || next < position || next - position >= bytes.size()) continue;
      const auto from = bytes.substr(static_cast<std::size_t>(next - position));
      const auto part = std::min(from.size(), range.size - range.got);
      std::copy_n(from.begin(), part, range.room + range.got);
      range.got += part;
    }
  }

  [[nodiscard]] bool complete(std::size_t number) const noexcept {
    return ranges_[number].got == ranges_[number].size;
  }
  [[nodiscard]] std::size_t held() const noexcept { return held_; }

 private:
  struct Range {
    std::uint64_t offset;
    char* room;
    std::size_t size;
    std::size_t got;
  };

  std::vector<std::unique_ptr<char[]>> buffers_;
  std::vector<Range> ranges_;
  std::size_t held_ = 0;
};

}  // namespace sluice::media
