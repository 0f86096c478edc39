#pragma once

#include <span>
#include <vector>

#include "sluice/net/resolver.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::upstream {

/// address_refused with words for the user, about the first of `addresses`.
[[nodiscard]] Error out_of_reach(std::span<const asio::ip::address> addresses);

/// Looks `host` up and keeps the addresses that may be dialled. Errors of Resolver::resolve();
/// address_refused when none is left.
[[nodiscard]] awaitable<Result<std::vector<asio::ip::address>>> origin_addresses(
    net::Worker& worker, net::Resolver& resolver, const std::string& host, Reach reach,
    Deadline deadline, net::CancelSignal* cancel);

}  // namespace sluice::upstream
