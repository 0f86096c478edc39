#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sluice/core/error.hpp"
#include "sluice/core/query.hpp"

namespace sluice::access {

/// What a URL of this proxy is made of; named as /generate_url names it.
struct ProxyUrlParts {
  using Headers = std::vector<std::pair<std::string, std::string>>;

  std::string endpoint;  ///< "/proxy/stream"; may be empty
  std::optional<std::string> destination_url = {};
  Query query_params = {};
  Headers request_headers = {};             ///< h_
  Headers response_headers = {};            ///< r_
  Headers propagate_response_headers = {};  ///< rp_
  std::vector<std::string> remove_response_headers = {};
  std::string stream_transformer = {};
  std::string filename = {};  ///< appended to the path
  bool base64_encode_destination = false;
};

/// All parameters in their customary order: query_params, `api_password` unless it is empty or
/// given there, d, h_, r_, rp_, x_headers, transformer. Headers without a value, Range and If-Range
/// are left out; a prefix that is there already is not put a second time.
[[nodiscard]] Query proxy_url_parameters(const ProxyUrlParts& parts, std::string_view api_password);

/// Where the proxy is: "https://proxy.example[/base]".
struct ProxyBase {
  std::string origin;  ///< scheme, host and port
  std::string path;    ///< without '/' at its end
};
/// bad_url (origin client).
[[nodiscard]] Result<ProxyBase> parse_proxy_base(std::string_view url);

/// The path of the endpoint as it stands in these URLs: with '/' in front, without query.
[[nodiscard]] std::string endpoint_path(const ProxyUrlParts& parts);

/// The URL with its parameters in the query.
[[nodiscard]] std::string plain_proxy_url(const ProxyBase& base, const ProxyUrlParts& parts);
/// The URL with `token` in its path, in front of the base's path as other servers of this API have
/// it; with `own_path`, the prefix under which this server is reached, behind that, so that it
/// leads here.
[[nodiscard]] std::string token_proxy_url(const ProxyBase& base, const ProxyUrlParts& parts,
                                          std::string_view token, std::string_view own_path);

}  // namespace sluice::access
