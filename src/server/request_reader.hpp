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
  explicit RequestReader(net::Stream& client) : client_(client) {}

  /// The next request head. nullopt when the client is done, or sent nothing within `patience`.
  /// Errors of parse_request_head(), header_too_large, request_timeout, cancel_error().
  [[nodiscard]] awaitable<Result<std::optional<http::RequestHead>>> next(const Settings& settings,
                                                                         Clock::duration patience);

  enum class Body : std::uint8_t { keep, forget };
  /// Reads a request's body to its end, after a 100 Continue when the client waits for one; empty
  /// when it is to be forgotten. payload_too_large, bad_request, request_timeout, client_gone,
  /// cancel_error().
  [[nodiscard]] awaitable<Result<std::string>> read_body(const Settings& settings,
                                                         const http::RequestHead& request,
                                                         Body what);

  /// No request, nor a part of one, has arrived since the last one.
  [[nodiscard]] bool idle() const noexcept { return idle_; }
  /// After the last response: takes what the client still sends, for a moment, so that closing does
  /// not destroy the response on its way.
  [[nodiscard]] awaitable<void> linger();

 private:
  [[nodiscard]] awaitable<Result<bool>> read_more(Deadline deadline);

  net::Stream& client_;
  std::string ahead_;  ///< bytes received and not yet used
  bool idle_ = true;
};

}  // namespace sluice::server
