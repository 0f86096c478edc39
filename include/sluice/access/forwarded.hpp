#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/http/header_list.hpp"

namespace sluice::access {

/// One hop of a Forwarded header; a parameter that is missing is empty. RFC 7239, 4.
struct ForwardedElement {
  std::string client;  ///< `for`: "192.0.2.60", "[2001:db8::17]:4711", "unknown", "_hidden"
  std::string host;
  std::string proto;
};

/// All hops of all Forwarded lines, the one next to the client first. nullopt when the header is
/// absent or malformed.
[[nodiscard]] std::optional<std::vector<ForwardedElement>> parse_forwarded(
    const http::HeaderList& headers);

}  // namespace sluice::access
