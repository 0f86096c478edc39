#pragma once

#include "sluice/http/body_writer.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::delivery {

/// Sends the body of `response` on to the client unchanged, as relay(). A body that breaks off is
/// continued with a range request where the origin proves that it is the rest; `retry_attempts` of
/// the client's settings counts attempts that brought nothing.
///
/// Errors of relay(): the client's connection must then be closed.
[[nodiscard]] awaitable<Result<>> deliver(net::Worker& worker, upstream::Client& client,
                                          upstream::Response& response, http::BodyWriter& to,
                                          net::CancelSignal* cancel);

}  // namespace sluice::delivery
