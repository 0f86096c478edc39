#pragma once

#include "sluice/http/response_head.hpp"
#include "sluice/upstream/connector.hpp"
#include "sluice/upstream/fetch_plan.hpp"
#include "sluice/upstream/request.hpp"
#include "sluice/upstream/response_body.hpp"

namespace sluice::upstream {

/// The answer to a Request, after redirects; its body is still to be read. Large, so it stays where
/// it was made.
struct Response {
  explicit Response(Request&& asked) : request(std::move(asked)) {}

  /// Base of relative references.
  [[nodiscard]] const Url& final_url() const noexcept { return moved_to ? *moved_to : request.url; }

  http::ResponseHead head;
  ResponseBody body;
  Request request;                   ///< as it was asked
  std::optional<Url> moved_to;       ///< where redirects led
  bool dropped_credentials = false;  ///< that belongs to another party
  Clock::duration dial{};            ///< waits for a turn, look-ups, connects and handshakes
  Clock::duration first_byte{};      ///< from the start until the head was complete
};

/// Fetches from origins for one worker: connection, request, redirects, repetition. One thread;
/// what is given by reference is shared and outlives it.
class Client {
 public:
  Client(net::Worker& worker, net::Resolver& resolver, Transport& transport, HostLimiter& limiter,
         const Settings& settings);

  /// Sends `request`, follows redirects, and returns once the final head is here. Every stage has
  /// its own deadline from the settings. To be awaited while `request` lives. `cancel` (may be
  /// null; else it outlives the response) ends every wait, also those of the body.
  ///
  /// Any status the origin answers is a success. Errors: all of Errc's upstream ones, and
  /// cancel_error().
  [[nodiscard]] awaitable<Result<std::unique_ptr<Response>>> open(Request&& request,
                                                                  net::CancelSignal* cancel);

  /// The rest of the body of `broken`, of which `received` bytes came, asked for up to `attempts`
  /// times (at least one). resume_refused when the origin cannot prove that it is the rest, or when
  /// the settings forbid it; errors of open().
  [[nodiscard]] awaitable<Result<ResponseBody>> resume(const Response& broken,
                                                       std::uint64_t received, unsigned attempts,
                                                       net::CancelSignal* cancel);
  /// Keeps no connection from now on, neither those it has nor those that come free. Another client
  /// of the same worker takes its place.
  void retire() { connector_.pool().retire(); }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

 private:
  [[nodiscard]] awaitable<Result<std::unique_ptr<Response>>> open(Request&& request,
                                                                  unsigned retries,
                                                                  net::CancelSignal* cancel);
  [[nodiscard]] awaitable<Result<>> attempt(Response& response, const FetchPlan::Send& send,
                                            net::CancelSignal* cancel);
  [[nodiscard]] awaitable<Result<>> read_answer(Response& response, Connection& connection,
                                                net::CancelSignal* cancel);
  /// `forwarding` as in Connection.
  [[nodiscard]] std::string request_text(const Request& request, const FetchPlan::Send& send,
                                         const OutgoingProxy* forwarding) const;

  /// Requests of this worker that may be held, at once, before they count as others do.
  static constexpr unsigned kMaxHeld = 256;

  net::Worker& worker_;
  const Settings& settings_;
  Connector connector_;
  unsigned held_ = 0;
};

}  // namespace sluice::upstream
