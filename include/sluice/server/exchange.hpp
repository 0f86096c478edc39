#pragma once

#include <optional>

#include "sluice/access/client_address.hpp"
#include "sluice/access/gate.hpp"
#include "sluice/core/query.hpp"
#include "sluice/core/request_ids.hpp"
#include "sluice/http/body_writer.hpp"
#include "sluice/http/request_head.hpp"
#include "sluice/net/cancel.hpp"

namespace sluice::net {
class Worker;
}

namespace sluice::server {

/// One request and the response to it: what a route is given. Lives for the time of its handler.
class Exchange {
 public:
  struct Link {
    net::Stream& client;
    Clock::duration send_timeout;
    std::string_view local_address;  ///< "127.0.0.1:8888"
    access::ClientAddress client_address;
    const bool& closing;  ///< the connection ends after a response begun when this is true
  };

  /// `body` is the request's, where the route wants it.
  Exchange(http::RequestHead request, std::string body, Link link);

  [[nodiscard]] const http::RequestHead& request() const noexcept { return request_; }
  /// Names this request in the log; the client is told it as X-Request-Id. 16 hexadecimal digits.
  [[nodiscard]] std::string_view id() const noexcept { return id_.text(); }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }
  /// The request's parameters; of a request with a token those that count with it.
  [[nodiscard]] const Query& query() const noexcept { return query_; }
  /// Why it was let in.
  [[nodiscard]] const access::Authority& authority() const noexcept { return authority_; }
  /// Called by the router.
  void admit(access::Gate::Grant grant) {
    authority_ = std::move(grant.authority);
    if (grant.parameters) query_ = *std::move(grant.parameters);
    times_.admitted = Clock::now();
  }
  /// Called by the router, on routes that report a refusal themselves (Access::reported).
  void refuse(Error error) { refusal_ = std::move(error); }
  [[nodiscard]] const std::optional<Error>& refusal() const noexcept { return refusal_; }
  /// What the `{name}` at the end of the route's pattern stands for, percent-decoded.
  [[nodiscard]] const std::string& path_tail() const noexcept { return path_tail_; }
  /// Called by the router. `route` is the pattern, and outlives the exchange.
  void set_route(std::string_view route, std::string tail);
  /// What a log may show of the path: the route's pattern, because a path may hold a destination or
  /// a token. Without a route "-".
  [[nodiscard]] std::string_view route() const noexcept { return route_.empty() ? "-" : route_; }
  [[nodiscard]] const access::ClientAddress& client_address() const noexcept {
    return link_.client_address;
  }
  [[nodiscard]] std::string_view local_address() const noexcept { return link_.local_address; }
  [[nodiscard]] net::Worker& worker() const noexcept { return link_.client.worker(); }
  [[nodiscard]] bool is_head() const noexcept { return request_.method == http::Method::head; }

  /// Ends what the handler waits for when the client leaves or the server stops.
  [[nodiscard]] net::CancelSignal& cancel() noexcept { return cancel_; }

  /// Starts the response; the head leaves with the first bytes of the body. `length` is that of the
  /// body, nullopt when unknown (then chunked, or up to the close for HTTP/1.0). Framing, CORS,
  /// Date and Connection headers are added here; `headers` must not hold them.
  http::BodyWriter& begin(unsigned status, http::HeaderList headers,
                          std::optional<std::uint64_t> length);
  /// A whole response at once.
  [[nodiscard]] awaitable<Result<>> send(unsigned status, http::HeaderList headers,
                                         std::string_view body);
  /// The response to an error, as JSON; `headers` go with it (Allow, Retry-After).
  [[nodiscard]] awaitable<Result<>> send_error(const Error& error, http::HeaderList headers = {});

  /// How long the origin took; shown in the log.
  struct Timings {
    Clock::duration dial{};
    Clock::duration first_byte{};
  };
  Timings timings;
  /// The origin has answered, and `timings` are known.
  [[nodiscard]] bool asked_origin() const noexcept {
    return timings.first_byte > Clock::duration::zero();
  }

  /// When the steps of the request were over that it came to.
  struct Times {
    TimePoint started = Clock::now();
    std::optional<TimePoint> routed;
    std::optional<TimePoint> admitted;
    std::optional<TimePoint> begun;  ///< the response
  };
  [[nodiscard]] const Times& times() const noexcept { return times_; }

  [[nodiscard]] const http::BodyWriter& writer() const noexcept { return writer_; }
  /// Status of the response begun; 0 before.
  [[nodiscard]] unsigned status() const noexcept { return status_; }
  /// The connection may carry another request once the response is finished.
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }

 private:
  void append_server_timing(std::string& head) const;

  const http::RequestHead request_;
  const std::string body_;
  Link link_;
  Query query_;
  access::Authority authority_;
  std::optional<Error> refusal_;
  const RequestId id_;
  Times times_;
  std::string_view route_;
  std::string path_tail_;
  net::CancelSignal cancel_;
  http::BodyWriter writer_;
  unsigned status_ = 0;
  bool keep_alive_;
};

}  // namespace sluice::server
