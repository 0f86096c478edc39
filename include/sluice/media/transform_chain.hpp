#pragma once

#include <memory>
#include <vector>

#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

/// Stages one behind the other. Driven by whoever has the input: next() until it gives nothing,
/// then give() or end(), and so on.
class TransformChain {
 public:
  /// Behind those there are; before the first give().
  void add(std::unique_ptr<ByteTransform> stage);
  [[nodiscard]] bool empty() const noexcept { return stages_.empty(); }

  /// Input, which stays valid and is not read by others until next() gives nothing.
  void give(Bytes input) noexcept { pending_.front() = input; }
  /// There is no more input.
  void end() noexcept { ended_ = true; }

  /// The next output, valid until the next call; empty when all input is used up, and after end()
  /// when all is over. Errors of the stages, after which this is of no use.
  [[nodiscard]] Result<Bytes> next();

  /// Further input would change nothing; end() may be called.
  [[nodiscard]] bool wants_no_more() const noexcept { return stages_.front()->wants_no_more(); }
  /// As that of a stage.
  [[nodiscard]] std::optional<std::uint64_t> output_size(std::uint64_t input_size) const noexcept;

 private:
  std::vector<std::unique_ptr<ByteTransform>> stages_;
  std::vector<Bytes> pending_;  ///< input of each stage that it has not taken, and at last output
  std::size_t finished_ = 0;    ///< stages that have ended
  bool ended_ = false;
};

}  // namespace sluice::media
