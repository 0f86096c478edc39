#pragma once

#include <boost/intrusive/list.hpp>
#include <string>

#include "request_reader.hpp"
#include "sluice/net/stream.hpp"
#include "sluice/server/serving.hpp"

namespace sluice::server {

/// What the sessions of one worker share. One thread: the worker's.
struct SessionContext {
  ServingPtr serving;     ///< for the next request
  bool draining = false;  ///< a response begun now says that it is the last of its connection
  bool hurried = false;   ///< no request after the one under way, whatever its response said
};

/// The hook by which a worker's sessions are listed.
struct SessionListTag;
using SessionHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<SessionListTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// One client connection: reads requests, has each answered by the router, in their order, until
/// one side ends it. While a handler runs it watches whether the client is still there.
class Session : public SessionHook, private net::Ticker::Listener {
 public:
  /// Takes the descriptor of the client's socket.
  Session(SessionContext& context, net::Worker& worker, int fd);

  /// Serves the connection to its end.
  [[nodiscard]] awaitable<void> run();

  /// Ends the connection now if it is between two requests, soon if its first is still to come,
  /// otherwise after the response.
  void drain();
  /// Ends the connection now.
  void abort();

 private:
  void on_tick(TimePoint now) override;
  [[nodiscard]] awaitable<bool> serve_one();
  [[nodiscard]] bool may_end() const;
  [[nodiscard]] awaitable<bool> answer(const Serving& serving, http::RequestHead request,
                                       std::string body);
  [[nodiscard]] awaitable<Result<>> dispatch(const Router& router, Exchange& exchange);
  [[nodiscard]] awaitable<void> refuse(const Serving& serving, const Error& error);

  SessionContext& context_;
  net::Stream client_;
  RequestReader reader_;
  asio::ip::address peer_;
  std::string local_address_;
  Exchange* exchange_ = nullptr;  ///< the one being answered
  std::uint64_t bytes_at_last_tick_ = 0;
  int quiet_ticks_ = 0;
  bool first_ = true;  ///< no request has been answered yet
};

}  // namespace sluice::server
