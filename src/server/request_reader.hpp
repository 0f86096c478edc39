#pragma once

#include <optional>
#include <string>

#include "sluice/http/request_head.hpp"
#include "sluice/net/stream.hpp"
#include "sluice/server/settings.hpp"

namespace sluice::server {

/// Reads the requests of one client connection in their order. Between requests it owns no buffer:
/// it waits first and then reads into the worker's scratch memory; what a client sent ahead
/// (pipelining) is kept until its turn.
class RequestReader {
 public:
  RequestReader(net::Stream& client, const Settings& settings)
      : client_(client), settings_(settings) {}

  /// The next request head. nullopt when the client is done, or sent nothing within `patience`.
  /// Errors of parse_request_head(), header_too_large, request_timeout, cancel_error().
  [[nodiscard]] awaitable<Result<std::optional<http::RequestHead>>> next(Clock::duration patience);

  /// Reads a request's body to its end and forgets it, after a 100 Continue when the client waits
  /// for one. payload_too_large, bad_request, request_timeout, client_gone, cancel_error().
  [[nodiscard]] awaitable<Result<>> discard_body(const http::RequestHead& request);

  /// No request, nor a part of one, has arrived since the last one.
  [[nodiscard]] bool idle() const noexcept { return idle_; }
  /// After the last response: takes what the client still sends, for a moment, so that closing does
  /// not destroy the response on its way.
  [[nodiscard]] awaitable<void> linger();

 private:
  [[nodiscard]] awaitable<Result<bool>> read_more(Deadline deadline);

  net::Stream& client_;
  const Settings& settings_;
  std::string ahead_;  ///< bytes received and not yet used
  bool idle_ = true;
};

}  // namespace sluice::server
