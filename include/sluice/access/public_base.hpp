#pragma once

#include <string>
#include <string_view>

#include "sluice/http/header_list.hpp"

namespace sluice::access {

/// What the operator says of the server's own address.
struct PublicAddress {
  /// "https://proxy.example[/prefix]"; wins over all headers. Empty: from the request.
  std::string url;
  /// "/prefix" under which clients reach this server when no X-Forwarded-Prefix says otherwise;
  /// empty: none.
  std::string path;
};

/// "scheme://host[:port][/prefix]" under which the client reached this server, for the URLs put
/// into playlists: `configured.url`, or else from the headers of proxies in front:
/// X-Forwarded-Proto (also X-Forwarded-Protocol, X-Url-Scheme, X-Forwarded-Ssl: on),
/// X-Forwarded-Host, X-Forwarded-Port, X-Forwarded-Prefix, of lists the first entry, the one next
/// to the client; then Forwarded (RFC 7239); then Host and http. What is unsound counts as absent.
/// It shapes only the answer to the same client, so no proxy has to be trusted for it.
///
/// `local` ("127.0.0.1:8888") stands in when an HTTP/1.0 client names no host.
[[nodiscard]] std::string public_base(const http::HeaderList& headers, std::string_view local,
                                      const PublicAddress& configured = {});

/// True for "/a" and "/a/b": what PublicAddress::path and X-Forwarded-Prefix may be, apart from an
/// end in '/'.
[[nodiscard]] bool is_path_prefix(std::string_view text) noexcept;

}  // namespace sluice::access
