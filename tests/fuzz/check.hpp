#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace sluice::fuzz {

/// Ends the process, for the fuzzer to report the input, when a property does not hold.
inline void check(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", property);
  std::abort();
}

/// The first line of an input, and the rest: most targets need two texts.
[[nodiscard]] inline std::pair<std::string_view, std::string_view> split_line(
    std::string_view input) {
  const auto end = input.find('\n');
  if (end == input.npos) return {input, {}};
  return {input.substr(0, end), input.substr(end + 1)};
}

}  // namespace sluice::fuzz
