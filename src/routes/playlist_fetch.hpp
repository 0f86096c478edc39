#pragma once

#include <memory>
#include <string>

#include "sluice/routes/live_playlists.hpp"
#include "sluice/routes/services.hpp"
#include "sluice/server/exchange.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::routes {

/// What to fetch where a playlist is expected.
struct PlaylistRequest {
  upstream::Request request;
  /// It is one whatever the origin says of it.
  bool surely = false;
};

/// A playlist, or what came in its place.
struct PlaylistAnswer {
  /// The playlist; null when the origin answered with something else.
  LivePlaylists::Shared playlist;
  /// Otherwise the answer itself: an error status, or another resource, of which `read` has been
  /// read already.
  std::unique_ptr<upstream::Response> response;
  std::string read;
};

/// Fetches a playlist, decoded, and whole, with the delivery directives of the player. While a live
/// one is known to be running, failures of the origin are covered with its last state; otherwise
/// what may be a passing fault is asked for once more. not_a_playlist when it surely is one, and a
/// 2xx answer holds none; errors of Client::open().
[[nodiscard]] awaitable<Result<PlaylistAnswer>> fetch_playlist(server::Exchange& exchange,
                                                               Services& services,
                                                               PlaylistRequest wanted);

/// Takes the delivery directives of low-latency HLS (`_HLS_msn` and others, RFC 8216bis, 6.2.5)
/// from the player's query to the URL of what it asks for; true when the origin may block on them.
[[nodiscard]] Result<bool> pass_directives(const Query& query, Url& url);

}  // namespace sluice::routes
