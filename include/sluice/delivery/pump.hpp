#pragma once

#include "sluice/http/body_writer.hpp"
#include "sluice/upstream/response_body.hpp"

namespace sluice::delivery {

/// Copies a body to the client as it arrives, through the body's one buffer: a slow client slows
/// the reading. Other connections of the worker get their turn after each piece. `to` is left to be
/// finished.
///
/// Errors of ResponseBody::next() and BodyWriter::write(); the client's connection must then be
/// closed, so that a short body is never taken for a whole one.
[[nodiscard]] awaitable<Result<>> pump(net::Worker& worker, upstream::ResponseBody& from,
                                       http::BodyWriter& to);

}  // namespace sluice::delivery
