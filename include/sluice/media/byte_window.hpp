#pragma once

#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

/// Cuts a part out of a body, in place. bad_segment from finish() when the body ended before it.
class ByteWindow final : public ByteTransform {
 public:
  /// `length` bytes from offset `first` on.
  ByteWindow(std::uint64_t first, std::uint64_t length) noexcept
      : to_skip_(first), left_(length), length_(length) {}

  [[nodiscard]] Result<Step> feed(Bytes input) override;
  [[nodiscard]] Result<Bytes> finish() override;
  [[nodiscard]] bool wants_no_more() const noexcept override { return left_ == 0; }
  [[nodiscard]] std::optional<std::uint64_t> output_size(
      std::uint64_t /*input_size*/) const noexcept override {
    return length_;
  }
  [[nodiscard]] std::size_t max_buffered() const noexcept override { return 0; }

 private:
  std::uint64_t to_skip_;
  std::uint64_t left_;
  std::uint64_t length_;
};

}  // namespace sluice::media
