#pragma once

#include "sluice/delivery/transformed_body.hpp"
#include "sluice/http/body_writer.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::delivery {

/// Sends the body of `response` on to the client unchanged, as relay(). A body that breaks off is
/// continued, as ContinuedBody; what `to` has sent of it already counts as received.
///
/// Errors of relay(): the client's connection must then be closed.
[[nodiscard]] awaitable<Result<>> deliver(net::Worker& worker, upstream::Client& client,
                                          upstream::Response& response, http::BodyWriter& to,
                                          net::CancelSignal* cancel);

/// Sends what is left of a body that changes on its way. The head leaves with the first piece.
///
/// Errors of TransformedBody::next() and BodyWriter::write(): the client's connection must then be
/// closed, if anything has left.
[[nodiscard]] awaitable<Result<>> deliver(TransformedBody& from, http::BodyWriter& to);

}  // namespace sluice::delivery
