#include "sluice/media/mp4_decryption.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/run_stage.hpp"

using namespace sluice;
using fuzz::check;

/// Input: sizes of pieces, one byte each, a line break, and a movie.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [sizes, movie] =
      fuzz::split_line(std::string_view(reinterpret_cast<const char*>(data), size));
  const auto keys = cenc::KeySet::for_everything({'k'});
  const auto at_once = media::make_mp4_decryption(keys, nullptr);
  const auto in_pieces = media::make_mp4_decryption(keys, nullptr);
  const auto whole = fuzz::run_stage(*at_once, movie, {});
  const auto pieces = fuzz::run_stage(*in_pieces, movie, sizes);
  check(whole == pieces, "where pieces end makes no difference");
  if (whole) check(whole->size() == movie.size(), "the size stays");

  std::string init(movie);
  const bool cleaned = media::unprotect_init(init).has_value();
  check(init.size() == movie.size(), "so does that of an initialisation segment");
  if (!cleaned) return 0;
  auto again = init;
  check(media::unprotect_init(again).has_value() && again == init, "once is enough");
  if (auto protection = media::Mp4Protection::parse(movie)) {
    const auto stage = media::make_mp4_decryption(
        keys, std::make_shared<const media::Mp4Protection>(std::move(*protection)));
    (void)fuzz::run_stage(*stage, movie, {});
  }
  return 0;
}
