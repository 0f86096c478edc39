#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sluice/core/url.hpp"
#include "sluice/http/response_head.hpp"
#include "sluice/server/exchange.hpp"
#include "sluice/upstream/request.hpp"

namespace sluice::routes {

/// What the parameters x_headers, rp_ and r_ do to a response's headers.
struct ResponseEdits {
  std::vector<std::string> drop;
  /// rp_ before r_, so that the latter win. The flag tells a propagated one (rp_), which playlist
  /// responses do not apply.
  struct Set {
    std::string name;
    std::string value;
    bool propagated;
  };
  std::vector<Set> set;

  [[nodiscard]] bool drops(std::string_view name) const noexcept;
  void apply_to(http::HeaderList& headers, bool is_playlist) const;
};

/// A request to one of the /proxy routes, parsed once.
struct ProxyRequest {
  Url destination;
  /// Range and If-Range of the client, overridden by h_ parameters.
  http::HeaderList upstream_headers;
  ResponseEdits edits;

  [[nodiscard]] upstream::Request upstream_request() const& {
    return {http::Method::get, destination, upstream_headers};
  }
  /// Takes what it needs; the edits stay.
  [[nodiscard]] upstream::Request upstream_request() && {
    return {http::Method::get, std::move(destination), std::move(upstream_headers)};
  }
};

/// bad_request when `d` is missing, bad_url when it is no URL. With `tail_is_destination` the rest
/// of the path may stand in for a missing `d`, in base64. Parameters that would break the protocol
/// (a header name with a line break) are skipped.
[[nodiscard]] Result<ProxyRequest> parse_proxy_request(const server::Exchange& exchange,
                                                       bool tail_is_destination = false);

}  // namespace sluice::routes
