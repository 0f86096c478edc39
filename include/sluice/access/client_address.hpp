#pragma once

#include <boost/asio/ip/address.hpp>

#include "sluice/access/trusted_proxies.hpp"
#include "sluice/http/header_list.hpp"

namespace sluice::access {

/// Who asks, for token rules, limits and the log.
struct ClientAddress {
  /// As plain_address() gives it.
  boost::asio::ip::address address;
  /// Somebody claims to ask for another client, and is not trusted; the claim was not used.
  bool claim_ignored = false;
};

/// The client behind `peer`, the other end of the connection. Only of a trusted peer the forwarding
/// headers are believed: X-Forwarded-For, without it Forwarded (RFC 7239), without both X-Real-IP.
/// In a chain the last address that is not itself trusted is the client; where all are trusted, or
/// everyone is, the first. An entry that is no address ("unknown") ends the chain: the client is
/// then the one who passed it on.
[[nodiscard]] ClientAddress client_address(const http::HeaderList& headers,
                                           const boost::asio::ip::address& peer,
                                           const TrustedProxies& trusted);

}  // namespace sluice::access
