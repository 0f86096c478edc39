#pragma once

#include <cstddef>
#include <string_view>

#include "sluice/core/error.hpp"

namespace sluice::http {

struct HeadLimits {
  std::size_t max_bytes = 64 * 1024;  ///< request or status line, headers and the empty line
  unsigned max_headers = 100;
};

/// Offset just behind the CRLF CRLF that ends a head, or npos. `searched` bytes at the front are
/// known not to hold its last byte.
[[nodiscard]] std::size_t find_head_end(std::string_view text, std::size_t searched = 0) noexcept;

/// Whether `text`, which holds no whole head yet, can still become one: bad_request (origin client)
/// for a control other than HTAB and for CR or LF alone, so that what is not HTTP (a TLS hello) is
/// refused at once. `searched` bytes at the front have been checked before.
[[nodiscard]] Result<> check_head_start(std::string_view text, std::size_t searched = 0);

/// Checks a request head, which includes its final CRLF CRLF, for everything that two HTTP parsers
/// could read differently, before a parser sees it: NUL and other controls, bare CR or LF,
/// obs-fold, white space around a field name, fields without a colon, more than one or a malformed
/// Host, Content-Length or Transfer-Encoding, both lengths together. RFC 9112, 2.2, 3, 5 and 6.
///
/// bad_request; header_too_large for too many fields; unsupported_version for another HTTP than 1.0
/// and 1.1; unsupported_coding for another transfer coding than chunked (all origin client).
[[nodiscard]] Result<> check_request_head(std::string_view head, const HeadLimits& limits);

/// True for a non-empty RFC 9110 token (5.6.2), as method and field names are.
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// True for "host" or "host:port" as in the Host header: nothing that could start a path, a list or
/// a user name, and a port of digits only; may be empty. RFC 9110, 7.2.
[[nodiscard]] bool is_host_value(std::string_view text) noexcept;
/// True for a field value without controls (HTAB may stand); RFC 9110, 5.5.
[[nodiscard]] bool is_field_value(std::string_view text) noexcept;

}  // namespace sluice::http
