#pragma once

#include <string>
#include <string_view>

#include "sluice/core/error.hpp"

namespace sluice::http {

/// A whole body without its Content-Encoding: gzip, x-gzip and deflate (zlib or raw), identity or
/// none. For bodies that are read to be understood; origins compress them even when asked not to.
///
/// @param max_bytes  of the result.
/// @return bad_response on another coding or broken data, body_too_large (both origin upstream).
[[nodiscard]] Result<std::string> decode_content(std::string_view coding, std::string body,
                                                 std::size_t max_bytes);

}  // namespace sluice::http
