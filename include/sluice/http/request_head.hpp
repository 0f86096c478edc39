#pragma once

#include <string>

#include "sluice/http/body_decoder.hpp"
#include "sluice/http/head_guard.hpp"
#include "sluice/http/header_list.hpp"

namespace sluice::http {

enum class Method : std::uint8_t { get, head, options, post, other };

[[nodiscard]] std::string_view to_string(Method method) noexcept;

/// One request as the client sent it.
struct RequestHead {
  Method method = Method::other;
  /// Origin-form, "/path?query"; "*" only for OPTIONS. An absolute-form target has lost its
  /// scheme and authority, which are in the Host header's place then.
  std::string target;
  HeaderList headers;
  BodyFraming body;
  bool http11 = true;
  /// What the client wants, from its version and Connection header.
  bool keep_alive = true;
  bool expects_continue = false;

  /// target without its query.
  [[nodiscard]] std::string_view path() const noexcept;
  /// Query without '?'; empty when absent.
  [[nodiscard]] std::string_view query() const noexcept;
};

/// Checks and parses a head that includes its final CRLF CRLF. Errors of check_request_head(), and
/// expectation_failed for another Expect than 100-continue (origin client).
[[nodiscard]] Result<RequestHead> parse_request_head(std::string_view head,
                                                     const HeadLimits& limits);

}  // namespace sluice::http
