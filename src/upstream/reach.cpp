#include "sluice/upstream/reach.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "sluice/core/text.hpp"

namespace sluice::upstream {
namespace {

namespace ip = boost::asio::ip;

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24 | b << 16 | c << 8 | d;
}

struct Block4 {
  std::uint32_t network;
  int prefix;
  AddressClass address_class;
};

/// First match wins, so narrower blocks stand before wider ones.
constexpr std::array kBlocks4 = {
    Block4{v4(0, 0, 0, 0), 8, AddressClass::unspecified},
    Block4{v4(10, 0, 0, 0), 8, AddressClass::private_use},
    Block4{v4(100, 64, 0, 0), 10, AddressClass::shared},
    Block4{v4(127, 0, 0, 0), 8, AddressClass::loopback},
    Block4{v4(169, 254, 0, 0), 16, AddressClass::link_local},
    Block4{v4(172, 16, 0, 0), 12, AddressClass::private_use},
    Block4{v4(192, 0, 2, 0), 24, AddressClass::documentation},
    Block4{v4(192, 0, 0, 0), 24, AddressClass::reserved},
    Block4{v4(192, 88, 99, 0), 24, AddressClass::reserved},
    Block4{v4(192, 168, 0, 0), 16, AddressClass::private_use},
    Block4{v4(198, 18, 0, 0), 15, AddressClass::benchmark},
    Block4{v4(198, 51, 100, 0), 24, AddressClass::documentation},
    Block4{v4(203, 0, 113, 0), 24, AddressClass::documentation},
    Block4{v4(224, 0, 0, 0), 4, AddressClass::multicast},
    Block4{v4(255, 255, 255, 255), 32, AddressClass::broadcast},
    Block4{v4(240, 0, 0, 0), 4, AddressClass::reserved},
};

AddressClass classify4(std::uint32_t address) noexcept {
  for (const auto& block : kBlocks4) {
    const auto mask = ~std::uint32_t{0} << (32 - block.prefix);
    if ((address & mask) == block.network) return block.address_class;
  }
  return AddressClass::global;
}

using Bytes6 = ip::address_v6::bytes_type;

/// The 32 bits from `at` on.
std::uint32_t word(const Bytes6& bytes, std::size_t at) noexcept {
  return v4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool all_zero(const Bytes6& bytes, std::size_t from, std::size_t to) noexcept {
  return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                     bytes.begin() + static_cast<std::ptrdiff_t>(to),
                     [](unsigned char byte) { return byte == 0; });
}

/// The IPv4 address that packets to this IPv6 one lead to; nullopt when there is none.
std::optional<std::uint32_t> embedded_v4(const Bytes6& bytes) noexcept {
  const auto first = word(bytes, 0);
  if (all_zero(bytes, 0, 8)) {
    const auto third = word(bytes, 8);  // v4-compatible, v4-mapped, v4-translated
    if (third == 0 || third == 0x0000ffff || third == 0xffff0000) return word(bytes, 12);
  }
  if (first == 0x0064ff9b && all_zero(bytes, 4, 12)) return word(bytes, 12);  // NAT64
  if (first >> 16 == 0x2002) return word(bytes, 2);                           // 6to4
  if (first == 0x20010000) return ~word(bytes, 12);  // Teredo: the client, inverted
  return std::nullopt;
}

/// The IPv4 address of a machine in a tunnelled site, which any prefix may be: RFC 5214, 6.1.
std::optional<std::uint32_t> isatap_v4(const Bytes6& bytes) noexcept {
  const auto third = word(bytes, 8);
  if (third == 0x00005efe || third == 0x02005efe) return word(bytes, 12);
  return std::nullopt;
}

AddressClass classify_prefix6(const ip::address_v6& address) noexcept {
  if (address.is_loopback()) return AddressClass::loopback;
  if (address.is_unspecified()) return AddressClass::unspecified;
  const auto bytes = address.to_bytes();
  if (const auto inner = embedded_v4(bytes)) return classify4(*inner);
  const auto first = word(bytes, 0);
  if (first >> 24 == 0xff) return AddressClass::multicast;
  if (first >> 25 == 0xfc >> 1) return AddressClass::private_use;  // fc00::/7
  if (first >> 22 == 0xfe80 >> 6) return AddressClass::link_local;
  if (first == 0x20010db8) return AddressClass::documentation;
  if (first >> 12 == 0x3fff0) return AddressClass::documentation;  // 3fff::/20
  if (first == 0x20010002 && bytes[4] == 0 && bytes[5] == 0) return AddressClass::benchmark;
  // 2000::/3; outside it also NAT64 for local use, 64:ff9b:1::/48
  return first >> 29 == 1 ? AddressClass::global : AddressClass::reserved;
}

/// An ISATAP address is as near as the nearer of its prefix and of the machine behind it.
AddressClass classify6(const ip::address_v6& address) noexcept {
  const auto prefix = classify_prefix6(address);
  const auto inner = isatap_v4(address.to_bytes());
  const bool open = prefix == AddressClass::global || prefix == AddressClass::private_use ||
                    prefix == AddressClass::shared;
  if (!inner || !open || classify4(*inner) == AddressClass::global) return prefix;
  return classify4(*inner);
}

/// Services of cloud providers for their own machines, outside 169.254.0.0/16.
bool is_metadata4(std::uint32_t address) noexcept {
  return address == v4(100, 100, 100, 200) || address == v4(168, 63, 129, 16);
}

bool is_metadata(const ip::address& address) noexcept {
  if (address.is_v4()) return is_metadata4(address.to_v4().to_uint());
  const auto bytes = address.to_v6().to_bytes();
  if (const auto inner = isatap_v4(bytes); inner && is_metadata4(*inner)) return true;
  if (const auto inner = embedded_v4(bytes)) return is_metadata4(*inner);
  static const auto kOthers = {ip::make_address_v6("fd20:ce::254").to_bytes(),
                               ip::make_address_v6("fd00:42::42").to_bytes(),
                               ip::make_address_v6("fd00:c1::a9fe:a9fe").to_bytes(),
                               ip::make_address_v6("fd00:a9fe:a9fe::1").to_bytes(),
                               ip::make_address_v6("fd00:100::100:200").to_bytes()};
  return word(bytes, 0) == 0xfd000ec2 ||  // fd00:ec2::/32
         std::find(kOthers.begin(), kOthers.end(), bytes) != kOthers.end();
}

}  // namespace

std::string_view to_string(AddressClass address_class) noexcept {
  switch (address_class) {
    case AddressClass::global: return "global";
    case AddressClass::unspecified: return "unspecified";
    case AddressClass::loopback: return "loopback";
    case AddressClass::private_use: return "private";
    case AddressClass::shared: return "carrier-grade NAT";
    case AddressClass::link_local: return "link-local";
    case AddressClass::multicast: return "multicast";
    case AddressClass::broadcast: return "broadcast";
    case AddressClass::documentation: return "documentation";
    case AddressClass::benchmark: return "benchmark";
    case AddressClass::reserved: break;
  }
  return "reserved";
}

AddressClass classify(const ip::address& address) noexcept {
  return address.is_v4() ? classify4(address.to_v4().to_uint()) : classify6(address.to_v6());
}

bool may_dial(const ip::address& address, Reach reach) noexcept {
  if (reach == Reach::any) return true;
  if (is_metadata(address)) return false;
  const auto address_class = classify(address);
  if (address_class == AddressClass::global) return true;
  return reach == Reach::lan &&
         (address_class == AddressClass::private_use || address_class == AddressClass::shared);
}

std::optional<ip::address> known_address(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string name = ascii_lower(host);
  if (name == "localhost" || name.ends_with(".localhost")) return ip::address_v4::loopback();
  boost::system::error_code not_literal;
  if (const auto address = ip::make_address(name, not_literal); !not_literal) return address;
  in_addr old_form;
  if (::inet_aton(name.c_str(), &old_form) != 0) return ip::address_v4(ntohl(old_form.s_addr));
  return std::nullopt;
}

}  // namespace sluice::upstream
