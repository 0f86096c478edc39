#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "sluice/core/error.hpp"

namespace sluice::media {

using Bytes = std::span<char>;

/// One stage of what happens to a body on its way: synchronous, without I/O, and of bounded memory.
/// Where pieces end makes no difference to what comes out.
class ByteTransform {
 public:
  struct Step {
    std::size_t taken = 0;  ///< bytes of the input that are used up
    Bytes output{};         ///< in the input itself or in the stage's memory; may be empty
  };

  ByteTransform() = default;
  ByteTransform(const ByteTransform&) = delete;
  ByteTransform& operator=(const ByteTransform&) = delete;
  virtual ~ByteTransform() = default;

  /// Takes some of `input`, which is not empty and may be overwritten, or gives output, or both.
  /// The output may be overwritten by its taker, and is valid until the next call and while the
  /// input is; what was not taken is to be given again. After an error the stage is of no use.
  [[nodiscard]] virtual Result<Step> feed(Bytes input) = 0;

  /// The input has ended: what was held back. Called once. Fails when the input cannot end here.
  [[nodiscard]] virtual Result<Bytes> finish() = 0;

  /// Further input would change nothing: it need not be fetched.
  [[nodiscard]] virtual bool wants_no_more() const noexcept { return false; }

  /// How many bytes come out of so many, where that is known beforehand.
  [[nodiscard]] virtual std::optional<std::uint64_t> output_size(
      std::uint64_t /*input_size*/) const noexcept {
    return std::nullopt;
  }

  /// Upper bound of bytes of the stage's own memory.
  [[nodiscard]] virtual std::size_t max_buffered() const noexcept = 0;
};

}  // namespace sluice::media
