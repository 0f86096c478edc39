#pragma once

#include <string>

#include "sluice/http/header_list.hpp"

namespace sluice::access {

/// "scheme://host[:port][/prefix]" under which the client reached this server, for the URLs put
/// into playlists: the first X-Forwarded-Proto (http or https), X-Forwarded-Host, X-Forwarded-Port
/// and X-Forwarded-Prefix where they are sound, otherwise the Host header and http. It shapes only
/// the answer to the same client, so no proxy has to be trusted for it.
///
/// `local` ("127.0.0.1:8888") stands in when an HTTP/1.0 client names no host.
[[nodiscard]] std::string public_base(const http::HeaderList& headers, std::string_view local);

}  // namespace sluice::access
