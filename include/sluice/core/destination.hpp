#pragma once

#include <string_view>

#include "sluice/core/url.hpp"

namespace sluice {

/// The upstream URL a client means by a destination parameter: as it stands, or in base64 of either
/// alphabet, padded or not; with the repairs deployed links need (a scheme damaged by quotes, proxy
/// parameters encoded into it). bad_url (origin client).
[[nodiscard]] Result<Url> parse_destination(std::string_view text);

}  // namespace sluice
