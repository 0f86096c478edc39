#pragma once

#include "sluice/http/body_writer.hpp"
#include "sluice/upstream/response_body.hpp"

namespace sluice::delivery {

/// Sends a body on to the client unchanged. Between plain sockets and with a known length the bytes
/// go from socket to socket by splice(2) and never enter this process, one turn at a time: other
/// connections of the worker get theirs in between. Otherwise as pump().
///
/// `to` is left to be finished. Errors of pump(). What `from` gave until then has left through
/// `to`.
[[nodiscard]] awaitable<Result<>> relay(net::Worker& worker, upstream::ResponseBody& from,
                                        http::BodyWriter& to);

}  // namespace sluice::delivery
