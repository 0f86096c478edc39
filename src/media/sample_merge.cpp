#include "sample_merge.hpp"

#include <algorithm>
#include <string>

namespace sluice::media {

Result<std::optional<SampleMerge::Next>> SampleMerge::next() {
  if (next_) return next_;
  for (std::size_t i = 0; i < sources_.size();) {
    const auto extent = sources_[i]->peek();
    if (!extent) return extent.error();
    if (!*extent) {
      sources_.erase(sources_.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    if (!next_ || (*extent)->offset < next_->extent.offset) {
      next_ = Next{sources_[i].get(), **extent};
    }
    ++i;
  }
  return next_;
}

Result<> SampleMerge::check_none_before(std::uint64_t position) {
  const auto first = next();
  if (!first) return first.error();
  if (!*first || (*first)->extent.offset >= position) return {};
  return upstream_error(Errc::bad_segment,
                        "an encrypted sample at byte " + std::to_string((*first)->extent.offset) +
                            " lies in front of byte " + std::to_string(position) +
                            ", where it is described or another one ends");
}

Result<bool> SampleMerge::any_left() {
  const auto first = next();
  if (!first) return first.error();
  return first->has_value();
}

Result<std::size_t> SampleMerge::decrypt(std::uint64_t position, Bytes bytes, KeyWatch& watch) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (left_ == 0) {
      const auto found = next();
      if (!found) return found.error();
      if (!*found) return bytes.size();
      const auto here = position + at;
      const auto extent = (*found)->extent;
      if (extent.offset < here) return check_none_before(here).error();
      if (extent.offset - here >= bytes.size() - at) return bytes.size();
      at += static_cast<std::size_t>(extent.offset - here);
      const auto sample = next_->source->take();
      next_.reset();
      if (!sample) return sample.error();
      if (!*sample) continue;
      watch.note(**sample);
      cipher_ = (*sample)->rule->cipher;
      cipher_->begin((*sample)->encryption, extent.size, (*sample)->rule->pattern);
      left_ = extent.size;
    }
    const auto part = bytes.subspan(at, std::min<std::size_t>(left_, bytes.size() - at));
    const auto done = cipher_->decrypt(part);
    left_ -= static_cast<std::uint32_t>(done);
    at += done;
    if (done < part.size()) break;
  }
  return at;
}

void SampleMerge::observe(std::uint64_t position, std::string_view bytes) {
  for (const auto& source : sources_) source->observe(position, bytes);
}

std::size_t SampleMerge::held() const noexcept {
  std::size_t sum = 0;
  for (const auto& source : sources_) sum += source->held();
  return sum;
}

}  // namespace sluice::media
