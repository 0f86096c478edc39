#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string_view>

#include "sluice/upstream/settings.hpp"

namespace sluice::upstream {

/// What kind of network an address belongs to; one class per row of the IANA special-purpose
/// registries that matters for a proxy. IPv4 addresses inside IPv6 ones (mapped, compatible, NAT64,
/// 6to4, Teredo, ISATAP) count as the IPv4 address they lead to.
enum class AddressClass : std::uint8_t {
  global,         ///< routable on the Internet
  unspecified,    ///< 0.0.0.0/8, ::
  loopback,       ///< 127.0.0.0/8, ::1
  private_use,    ///< RFC 1918, fc00::/7
  shared,         ///< 100.64.0.0/10, carrier-grade NAT
  link_local,     ///< 169.254.0.0/16, fe80::/10; cloud metadata lives here
  multicast,      ///< 224.0.0.0/4, ff00::/8
  broadcast,      ///< 255.255.255.255
  documentation,  ///< 192.0.2.0/24 and its like, 2001:db8::/32, 3fff::/20
  benchmark,      ///< 198.18.0.0/15, 2001:2::/48
  reserved,       ///< 240.0.0.0/4, 192.0.0.0/24, deprecated site-local fec0::/10, other non-global
};

[[nodiscard]] std::string_view to_string(AddressClass address_class) noexcept;
[[nodiscard]] AddressClass classify(const boost::asio::ip::address& address) noexcept;

/// May this address be dialled? public_only: global. lan: also private_use and shared. any: all.
/// Cloud metadata addresses outside link-local (100.100.100.200, 168.63.129.16, fd00:ec2::/32,
/// fd20:ce::254 and its like) need `any`, too.
[[nodiscard]] bool may_dial(const boost::asio::ip::address& address, Reach reach) noexcept;

/// The address that the host of a URL certainly leads to, whoever looks it up: literals in every
/// form inet_aton() takes ("127.1"), and localhost. nullopt for other names.
[[nodiscard]] std::optional<boost::asio::ip::address> known_address(std::string_view host);

}  // namespace sluice::upstream
