#include "sluice/upstream/own_listeners.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/udp.hpp>
#include <cerrno>

namespace sluice::upstream {
namespace {

namespace ip = asio::ip;

/// The address at which a connection to `address` arrives: a mapped one is IPv4, and what belongs
/// to nobody leads to loopback.
ip::address arrival(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return arrival(ip::make_address_v4(ip::v4_mapped, address.to_v6()));
  }
  if (!address.is_unspecified()) return address;
  return address.is_v4() ? ip::address(ip::address_v4::loopback())
                         : ip::address(ip::address_v6::loopback());
}

/// Only the machine's own addresses can be bound to. When in doubt (no descriptor left, say) it is
/// one of them.
bool is_of_this_machine(const ip::address& address) {
  const ip::udp::endpoint endpoint(address, 0);
  const int fd = ::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;
  const bool foreign = ::bind(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 &&
                       errno == EADDRNOTAVAIL;
  ::close(fd);
  return !foreign;
}

}  // namespace

bool OwnListeners::contain(const tcp::endpoint& destination) const {
  return std::any_of(bound_.begin(), bound_.end(), [&](const tcp::endpoint& own) {
    if (own.port() != destination.port()) return false;
    const auto address = arrival(destination.address());
    return own.address().is_unspecified() ? is_of_this_machine(address)
                                          : address == arrival(own.address());
  });
}

}  // namespace sluice::upstream
