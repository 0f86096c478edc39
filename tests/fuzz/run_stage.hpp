#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/check.hpp"
#include "sluice/media/byte_transform.hpp"

namespace sluice::fuzz {

/// What a stage makes of `body`, given in pieces whose sizes are the bytes of `sizes` in turn (at
/// once when there are none); nullopt when it fails.
[[nodiscard]] inline std::optional<std::string> run_stage(media::ByteTransform& stage,
                                                          std::string_view body,
                                                          std::string_view sizes) {
  std::string out;
  for (std::size_t turn = 0; !body.empty(); ++turn) {
    const auto wanted =
        sizes.empty() ? body.size() : static_cast<unsigned char>(sizes[turn % sizes.size()]) + 1U;
    const auto piece = body.substr(0, wanted);
    body.remove_prefix(piece.size());
    std::vector<char> bytes(piece.begin(), piece.end());
    for (media::Bytes input(bytes); !input.empty();) {
      const auto step = stage.feed(input);
      if (!step) return std::nullopt;
      check(step->taken > 0 || !step->output.empty(), "a stage goes on");
      out.append(step->output.data(), step->output.size());
      input = input.subspan(step->taken);
    }
  }
  const auto rest = stage.finish();
  if (!rest) return std::nullopt;
  return out.append(rest->data(), rest->size());
}

}  // namespace sluice::fuzz
