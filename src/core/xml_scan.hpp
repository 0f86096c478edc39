#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "sluice/core/xml.hpp"

namespace sluice::xml {

/// Why a text is refused before it is parsed.
struct Refusal {
  const char* why;  ///< static
  std::size_t offset = 0;
};

/// One pass over the markup that counts what the parser would have to build, without building it.
/// Lets malformed markup pass: the parser says what is wrong with it.
[[nodiscard]] std::optional<Refusal> scan(std::string_view text, const Limits& limits) noexcept;

}  // namespace sluice::xml
