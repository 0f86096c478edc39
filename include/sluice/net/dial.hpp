#pragma once

#include <memory>
#include <span>

#include "sluice/net/stream.hpp"

namespace sluice::net {

/// Connects to the first of `addresses` that answers, in their order. An address that has not
/// answered after 2 s (or its share of the time left) gives way to the next.
///
/// connect_failed with the last reason, connect_timeout, or cancel_error() when cancelled.
[[nodiscard]] awaitable<Result<std::unique_ptr<Stream>>> dial(
    Worker& worker, std::span<const asio::ip::address> addresses, std::uint16_t port,
    Deadline deadline, CancelSignal* cancel);

}  // namespace sluice::net
