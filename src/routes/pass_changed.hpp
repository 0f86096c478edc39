#pragma once

#include "body_changes.hpp"
#include "pass_through.hpp"

namespace sluice::routes {

/// How the media type of a segment is found whose Content-Type says nothing.
struct TypeGuess {
  std::string extension;  ///< of the player's address, lower case, without dot
  std::string otherwise;  ///< type when neither its bytes nor the extension tell; empty: keep
};

/// As pass_through(), of a segment: its type is found out where the origin does not tell it, and
/// its body changes on its way. What has changed
/// is sent whole, as a 200. Errors from before the first byte that leaves, of make_chain() and of
/// the stages too, are returned without a response begun.
[[nodiscard]] awaitable<Result<>> pass_changed(server::Exchange& exchange, Services& services,
                                               upstream::Response& response,
                                               const ResponseEdits& edits,
                                               const BodyChanges& changes,
                                               const SegmentSecrets& secrets,
                                               const TypeGuess& guess, PassThrough head);

}  // namespace sluice::routes
