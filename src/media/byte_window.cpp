#include "sluice/media/byte_window.hpp"

#include <algorithm>

namespace sluice::media {

Result<ByteTransform::Step> ByteWindow::feed(Bytes input) {
  const auto skipped = std::min<std::uint64_t>(to_skip_, input.size());
  to_skip_ -= skipped;
  const auto rest = input.subspan(static_cast<std::size_t>(skipped));
  const auto kept = std::min<std::uint64_t>(left_, rest.size());
  left_ -= kept;
  return Step{input.size(), rest.first(static_cast<std::size_t>(kept))};
}

Result<Bytes> ByteWindow::finish() {
  if (left_ > 0) {
    return upstream_error(Errc::bad_segment, "its byte range reaches beyond the end of the file");
  }
  return Bytes();
}

}  // namespace sluice::media
