#pragma once

#include <utility>

#include "sluice/delivery/continued_body.hpp"
#include "sluice/media/transform_chain.hpp"

namespace sluice::delivery {

/// A body as it comes out of its transforms.
class TransformedBody {
 public:
  /// `chain` has at least one stage. `from` outlives this.
  TransformedBody(ContinuedBody& from, media::TransformChain chain) noexcept
      : from_(from), chain_(std::move(chain)) {}

  /// The next piece, valid until the next call; empty at the end. Errors of ContinuedBody::next()
  /// and of the stages.
  [[nodiscard]] awaitable<Result<net::Bytes>> next();

  [[nodiscard]] net::Worker& worker() const noexcept { return from_.worker(); }
  /// As that of ContinuedBody.
  [[nodiscard]] awaitable<void> abandon();

 private:
  ContinuedBody& from_;
  media::TransformChain chain_;
  bool ended_ = false;
};

}  // namespace sluice::delivery
