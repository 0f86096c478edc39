#include "sluice/media/transform_chain.hpp"

#include <utility>

namespace sluice::media {

void TransformChain::add(std::unique_ptr<ByteTransform> stage) {
  stages_.push_back(std::move(stage));
  pending_.resize(stages_.size() + 1);
}

Result<Bytes> TransformChain::next() {
  for (;;) {
    if (!pending_.back().empty()) return std::exchange(pending_.back(), {});
    // The last stage that can go on does: what an earlier one gave is valid until it is used up.
    auto at = stages_.size();
    while (at > 0 && pending_[at - 1].empty()) --at;
    if (at > 0) {
      auto& input = pending_[at - 1];
      const auto step = stages_[at - 1]->feed(input);
      if (!step) return step.error();
      input = input.subspan(step->taken);
      pending_[at] = step->output;
    } else if (ended_ && finished_ < stages_.size()) {
      const auto rest = stages_[finished_++]->finish();
      if (!rest) return rest.error();
      pending_[finished_] = *rest;
    } else {
      return Bytes();
    }
  }
}

std::optional<std::uint64_t> TransformChain::output_size(std::uint64_t input_size) const noexcept {
  std::optional<std::uint64_t> size = input_size;
  for (const auto& stage : stages_) {
    if (size) size = stage->output_size(*size);
  }
  return size;
}

}  // namespace sluice::media
