#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/mp4/box.hpp"

namespace sluice::mp4 {

/// Finds the boxes at the top of a file that arrives piece by piece: first the header of a box,
/// then its content, then the next header.
class BoxScanner {
 public:
  struct Header {
    BoxHeader box;
    std::size_t taken = 0;   ///< of the bytes just given
    std::string_view bytes;  ///< the header; in those bytes, or in the scanner until the next call
  };

  /// While in_header(). nullopt when the header does not end in `bytes`, all of which are kept
  /// then. Errors of parse_box_header().
  [[nodiscard]] Result<std::optional<Header>> take_header(std::string_view bytes);

  /// While not in_header(): how many of `available` bytes belong to the content of the box.
  [[nodiscard]] std::size_t content_in(std::size_t available) const noexcept;
  /// So many bytes of content have passed, at most content_in().
  void pass(std::size_t bytes) noexcept;

  [[nodiscard]] bool in_header() const noexcept { return in_header_; }
  /// Bytes of a header that has not ended.
  [[nodiscard]] std::string_view partial_header() const noexcept {
    return {held_.data(), held_size_};
  }
  /// True where the file may end: between two boxes, or in one that reaches up to the end.
  [[nodiscard]] bool may_end() const noexcept { return in_header_ ? held_size_ == 0 : to_the_end_; }

 private:
  std::array<char, kMaxBoxHeader> held_{};
  std::size_t held_size_ = 0;
  std::uint64_t left_ = 0;  ///< bytes of content that have not passed
  bool in_header_ = true;
  bool to_the_end_ = false;
};

}  // namespace sluice::mp4
