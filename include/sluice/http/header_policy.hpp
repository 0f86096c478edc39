#pragma once

#include <string_view>

namespace sluice::http {

/// Fields that describe one connection or its framing; they are never taken from one side to the
/// other, nor set by a request's parameters. RFC 9110, 7.6.1.
[[nodiscard]] bool is_hop_by_hop(std::string_view name) noexcept;

/// What of an origin's response reaches the client unasked: what describes the body. Cookies,
/// Location and everything else stay here.
[[nodiscard]] bool passes_to_client(std::string_view name) noexcept;

/// A header name and value that may be sent upstream on a request's demand (`h_` parameters).
[[nodiscard]] bool may_send_upstream(std::string_view name, std::string_view value) noexcept;

/// A header name and value that a request's parameters (`r_`, `rp_`) may set on our response: never
/// the framing, so that they cannot desynchronise the connection, and nothing the server adds to
/// every response itself, such as CORS, which browsers refuse when it comes twice; nothing that
/// outlives the response in a browser (cookies, HSTS) or leads it elsewhere.
[[nodiscard]] bool may_set_on_response(std::string_view name, std::string_view value) noexcept;

}  // namespace sluice::http
