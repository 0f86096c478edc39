#pragma once

#include <optional>
#include <string>

#include "body_changes.hpp"
#include "sluice/routes/services.hpp"
#include "sluice/server/exchange.hpp"

namespace sluice::routes {

struct FetchedKey {
  std::string id;  ///< in KeyCache
  std::string bytes;
};

/// The key of a segment: one fetched lately with equal headers, else from the origin with the
/// segment's request headers but for ranges. nullopt when the origin refused it and the exchange
/// has been answered so. bad_key when what it sent is no key for that method; errors of
/// Client::open().
[[nodiscard]] awaitable<Result<std::optional<FetchedKey>>> fetch_segment_key(
    server::Exchange& exchange, Services& services, const Decryption& decryption,
    http::HeaderList headers);

}  // namespace sluice::routes
