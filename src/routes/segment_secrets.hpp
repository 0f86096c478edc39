#pragma once

#include <optional>
#include <string>

#include "body_changes.hpp"
#include "sluice/routes/services.hpp"
#include "sluice/server/exchange.hpp"

namespace sluice::routes {

struct FetchedSecrets {
  SegmentSecrets secrets;
  /// Under which the key and the map are remembered, empty where none was needed.
  std::string key_id;
  std::string map_id;
};

/// They did not fit: next time they are fetched again.
void forget_secrets(Services& services, const FetchedSecrets& secrets);

/// The key of a segment, and what its map says: those fetched lately with equal headers, else from
/// the origin with the segment's request headers but for ranges. Not asked for for HEAD: zeros.
/// nullopt when the origin refused one and the exchange has been answered so. bad_key when what it
/// sent is no key for that method, bad_segment when the map is none; errors of Client::open().
[[nodiscard]] awaitable<Result<std::optional<FetchedSecrets>>> fetch_secrets(
    server::Exchange& exchange, Services& services, const Decryption& decryption,
    http::HeaderList headers);

}  // namespace sluice::routes
