#pragma once

#include "sluice/http/response_head.hpp"
#include "sluice/net/resolver.hpp"
#include "sluice/net/tls.hpp"
#include "sluice/upstream/connection_pool.hpp"
#include "sluice/upstream/fetch_plan.hpp"
#include "sluice/upstream/request.hpp"
#include "sluice/upstream/response_body.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::net {
class Worker;
}

namespace sluice::upstream {

/// The answer to a Request, after redirects; its body is still to be read.
struct Response {
  http::ResponseHead head;
  Url final_url;  ///< base of relative references
  ResponseBody body;
  Clock::duration dial{};        ///< look-ups, connects and handshakes of all attempts
  Clock::duration first_byte{};  ///< from the start until the head was complete
};

/// Fetches from origins for one worker: look-up, reach check, connect, TLS, request, redirects, and
/// one more try when a pooled connection turns out to be dead. One thread; `settings`, `resolver`
/// and `tls` are shared and outlive it.
class Client {
 public:
  Client(net::Worker& worker, net::Resolver& resolver, net::TlsContext& tls,
         const Settings& settings);

  /// Sends `request`, follows redirects, and returns once the final head is here. Every stage has
  /// its own deadline from the settings. `cancel` (may be null; else it outlives the response) ends
  /// every wait, also those of the body.
  ///
  /// Any status the origin answers is a success. Errors: all of Errc's upstream ones, and
  /// cancel_error().
  [[nodiscard]] awaitable<Result<Response>> open(Request request, net::CancelSignal* cancel);

 private:
  struct Connection {
    std::unique_ptr<net::Stream> stream;
    bool reused = false;
  };
  struct Answer {
    http::ResponseHead head;
    ResponseBody body;
  };

  [[nodiscard]] awaitable<Result<Answer>> attempt(const Request& request,
                                                  const FetchPlan::Send& send,
                                                  net::CancelSignal* cancel,
                                                  Clock::duration& dial_time);
  [[nodiscard]] awaitable<Result<Connection>> connect(const Url& url, bool fresh,
                                                      net::CancelSignal* cancel);
  [[nodiscard]] awaitable<Result<Answer>> read_answer(Connection connection, const Url& url,
                                                      http::Method method,
                                                      net::CancelSignal* cancel);
  [[nodiscard]] std::string request_text(const Request& request, const FetchPlan::Send& send) const;

  net::Worker& worker_;
  net::Resolver& resolver_;
  net::TlsContext& tls_;
  const Settings& settings_;
  ConnectionPool pool_;
};

}  // namespace sluice::upstream
