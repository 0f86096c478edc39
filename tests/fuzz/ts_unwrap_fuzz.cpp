#include "sluice/media/ts_unwrap.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/run_stage.hpp"

using namespace sluice;
using fuzz::check;

/// Input: sizes of pieces, one byte each, a line break, and a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [sizes, body] =
      fuzz::split_line(std::string_view(reinterpret_cast<const char*>(data), size));
  for (const auto payload : {media::TsUnwrap::Payload::media, media::TsUnwrap::Payload::opaque}) {
    media::TsUnwrap at_once(payload);
    media::TsUnwrap in_pieces(payload);
    const auto whole = fuzz::run_stage(at_once, body, {});
    const auto pieces = fuzz::run_stage(in_pieces, body, sizes);
    check(whole && pieces, "it never fails");
    check(*whole == *pieces, "where pieces end makes no difference");
    check(body.ends_with(*whole), "only what is in front is lost");
    check(body.empty() || !whole->empty(), "not all is lost");
  }
  return 0;
}
