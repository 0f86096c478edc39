#include "sluice/dash/sidx.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "fuzz/check.hpp"

using namespace sluice;
using namespace sluice::dash;
using sluice::fuzz::check;

/// Input: a file that begins with a segment index; it is asked for until the reader is content.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SidxReader reader;
  const std::span<const std::uint8_t> file(data, size);
  std::size_t questions = 0;
  while (const auto range = reader.wanted()) {
    check(++questions <= 2 * SidxReader::kMaxBoxes + 2, "questions end");
    check(range->last && *range->last >= range->first, "ranges are ranges");
    const auto begin = std::min<std::uint64_t>(range->first, size);
    const auto count = std::min<std::uint64_t>(*range->last - range->first + 1, size - begin);
    const auto fed = reader.feed(file.subspan(begin, count), range->first);
    if (!fed) {
      check(fed.error().code == Errc::bad_manifest, "errors are known");
      return 0;
    }
  }
  check(reader.index().timescale > 0, "there are ticks");
  for (const auto& segment : reader.index().segments) {
    check(segment.size > 0 && segment.offset <= UINT64_MAX - segment.size, "ranges do not wrap");
  }
  return 0;
}
