#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string_view>
#include <vector>

#include "sluice/core/error.hpp"

namespace sluice::access {

/// The peers that may say, in forwarding headers, on whose behalf they ask.
class TrustedProxies {
 public:
  /// Nobody.
  TrustedProxies() = default;

  /// A list, separated by commas or blanks, of addresses ("10.0.0.1"), networks ("10.0.0.0/8",
  /// "fd00::/8"; host bits do not matter), `loopback`, `private` (RFC 1918, carrier-grade NAT,
  /// unique-local and link-local) and `*` (everyone). bad_request (origin client), with the entry
  /// that is none of these in the context.
  [[nodiscard]] static Result<TrustedProxies> parse(std::string_view list);

  [[nodiscard]] bool trusts(const boost::asio::ip::address& peer) const noexcept;
  /// `*` is in the list.
  [[nodiscard]] bool everyone() const noexcept { return everyone_; }

 private:
  [[nodiscard]] bool add(std::string_view entry);

  bool everyone_ = false;
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

/// An IPv4 address that is written as an IPv6 one ("::ffff:192.0.2.1") as IPv4, every other as it
/// is, but without a zone.
[[nodiscard]] boost::asio::ip::address plain_address(const boost::asio::ip::address& address);

}  // namespace sluice::access
