#pragma once

#include "sluice/upstream/client.hpp"

namespace sluice::upstream {

/// The head that a GET of `request` would have, without its body: HEAD, and where the origin
/// refuses or breaks on HEAD (403, 405, 501, 5xx, a lost connection) a GET of one byte whose answer
/// is translated back: 206 to 200 and the total as Content-Length. A Range in the request is kept.
/// Errors of Client::open().
[[nodiscard]] awaitable<Result<std::unique_ptr<Response>>> probe(Client& client, Request&& request,
                                                                 net::CancelSignal* cancel);

}  // namespace sluice::upstream
