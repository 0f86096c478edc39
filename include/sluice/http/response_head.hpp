#pragma once

#include "sluice/http/body_decoder.hpp"
#include "sluice/http/header_list.hpp"
#include "sluice/http/request_head.hpp"

namespace sluice::http {

/// One response as the origin sent it.
struct ResponseHead {
  unsigned status = 0;
  HeaderList headers;
  BodyFraming body;
  /// The connection may carry another request once the body has been read.
  bool keep_alive = false;
};

/// Parses a head that includes its final CRLF CRLF. `method` is that of the request, because it
/// decides whether a body follows. bad_response (origin upstream) on anything two parsers could
/// read differently, such as two different lengths. RFC 9112, 6.3.
[[nodiscard]] Result<ResponseHead> parse_response_head(std::string_view head, Method method);

/// "OK" for 200; empty for an unknown status.
[[nodiscard]] std::string_view reason_phrase(unsigned status) noexcept;

}  // namespace sluice::http
