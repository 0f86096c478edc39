#include "sluice/media/segment_decryption.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/run_stage.hpp"

using namespace sluice;
using fuzz::check;

/// Input: sizes of pieces, one byte each, a line break, and a segment.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using cenc::SegmentMethod;
  const auto [sizes, segment] =
      fuzz::split_line(std::string_view(reinterpret_cast<const char*>(data), size));
  for (const auto method :
       {SegmentMethod::aes_128, SegmentMethod::aes_256, SegmentMethod::aes_256_ctr}) {
    const media::SegmentKey key{method, std::string(cenc::key_size(method), 'k'),
                                std::string(cenc::kIvSize, 'i')};
    const auto at_once = media::make_segment_decryption(key);
    const auto in_pieces = media::make_segment_decryption(key);
    const auto whole = fuzz::run_stage(*at_once, segment, {});
    const auto pieces = fuzz::run_stage(*in_pieces, segment, sizes);
    check(whole == pieces, "where pieces end makes no difference");
    const bool padded = method != SegmentMethod::aes_256_ctr;
    if (!padded) check(whole && whole->size() == segment.size(), "a counter keeps the size");
    if (padded && segment.size() % 16 != 0) check(!whole, "only whole blocks decrypt");
    if (padded && whole) {
      check(whole->size() < segment.size() && whole->size() + 16 >= segment.size(),
            "padding is 1 to 16 bytes");
    }
  }
  return 0;
}
