#include "origin_addresses.hpp"

#include <fmt/format.h>

#include "sluice/upstream/reach.hpp"

namespace sluice::upstream {

Error out_of_reach(std::span<const asio::ip::address> addresses) {
  return client_error(
      Errc::address_refused,
      fmt::format("this server may not fetch from {} addresses (setting upstream.reach)",
                  to_string(classify(addresses.front()))));
}

awaitable<Result<std::vector<asio::ip::address>>> origin_addresses(net::Worker& worker,
                                                                   net::Resolver& resolver,
                                                                   const std::string& host,
                                                                   Reach reach, Deadline deadline,
                                                                   net::CancelSignal* cancel) {
  if (const auto known = known_address(host); known && !may_dial(*known, reach)) {
    co_return out_of_reach({&*known, 1});  // the system's resolver may think otherwise of localhost
  }
  auto addresses = co_await resolver.resolve(worker, host, deadline, cancel);
  if (!addresses) co_return addresses;
  std::vector<asio::ip::address> allowed;
  for (const auto& address : *addresses) {
    if (may_dial(address, reach)) allowed.push_back(address);
  }
  if (allowed.empty()) co_return out_of_reach(*addresses);
  co_return allowed;
}

}  // namespace sluice::upstream
