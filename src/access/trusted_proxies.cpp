#include "sluice/access/trusted_proxies.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "sluice/core/text.hpp"

namespace sluice::access {
namespace {

namespace ip = boost::asio::ip;

constexpr std::array kLoopback = {"127.0.0.0/8", "::1/128"};
constexpr std::array kPrivate = {"10.0.0.0/8",    "172.16.0.0/12",  "192.168.0.0/16",
                                 "100.64.0.0/10", "169.254.0.0/16", "fc00::/7",
                                 "fe80::/10"};

/// The number behind the '/', or that of a single address.
std::optional<unsigned short> prefix_length(std::string_view text, unsigned short whole) {
  const auto number = parse_u64(text);
  if (!number || *number > whole) return std::nullopt;
  return static_cast<unsigned short>(*number);
}

/// The IPv4 prefix that an IPv6 one over mapped addresses stands for.
constexpr unsigned short kMappedBits = 96;

}  // namespace

ip::address plain_address(const ip::address& address) {
  if (address.is_v4()) return address;
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  return ip::address_v6(v6.to_bytes());
}

bool TrustedProxies::add(std::string_view entry) {
  if (entry == "*") return everyone_ = true;
  const auto all_of = [this](const auto& networks) {
    return std::all_of(networks.begin(), networks.end(),
                       [this](const char* network) { return add(network); });
  };
  if (iequals(entry, "loopback") || iequals(entry, "localhost")) return all_of(kLoopback);
  if (iequals(entry, "private")) return all_of(kPrivate);

  const auto slash = entry.find('/');
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(entry.substr(0, slash)), error);
  if (error) return false;
  const unsigned short whole = address.is_v4() ? 32 : 128;
  const auto bits = slash == std::string_view::npos ? std::optional(whole)
                                                    : prefix_length(entry.substr(slash + 1), whole);
  if (!bits) return false;
  if (address.is_v4()) {
    v4_.push_back(ip::network_v4(address.to_v4(), *bits).canonical());
  } else if (address.to_v6().is_v4_mapped() && *bits >= kMappedBits) {
    const auto bits4 = static_cast<unsigned short>(*bits - kMappedBits);
    v4_.push_back(ip::network_v4(plain_address(address).to_v4(), bits4).canonical());
  } else {
    v6_.push_back(ip::network_v6(ip::address_v6(address.to_v6().to_bytes()), *bits).canonical());
  }
  return true;
}

Result<TrustedProxies> TrustedProxies::parse(std::string_view list) {
  TrustedProxies made;
  std::string blanks_as_commas(list);
  for (char& c : blanks_as_commas) {
    if (c == ' ' || c == '\t') c = ',';
  }
  for (const auto part : split(blanks_as_commas, ',')) {
    const auto entry = trim(part);
    if (entry.empty()) continue;
    if (!made.add(entry)) return client_error(Errc::bad_request, std::string(entry));
  }
  return made;
}

bool TrustedProxies::trusts(const ip::address& peer) const noexcept {
  if (everyone_) return true;
  const auto address = plain_address(peer);
  if (address.is_v4()) {
    const auto bits = address.to_v4().to_uint();
    return std::any_of(v4_.begin(), v4_.end(), [&](const ip::network_v4& network) {
      return (bits & network.netmask().to_uint()) == network.network().to_uint();
    });
  }
  const auto v6 = address.to_v6();
  return std::any_of(v6_.begin(), v6_.end(), [&](const ip::network_v6& network) {
    return ip::network_v6(v6, network.prefix_length()).network() == network.network();
  });
}

}  // namespace sluice::access
