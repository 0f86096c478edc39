#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "support/byte_stream.hpp"
#include "support/http_reader.hpp"
#include "support/origin_connection.hpp"
#include "support/origin_journal.hpp"

namespace sluice::test {

/// The handlers, by path. Safe to change while requests are looked up.
class OriginScript {
 public:
  void on(std::string path, OriginHandler handler);
  void on_prefix(std::string prefix, OriginHandler handler);

  /// The handler for this request: by target, by path, by longest prefix; null when none matches.
  [[nodiscard]] std::shared_ptr<const OriginHandler> find(const OriginRequest& request) const;

 private:
  using Handlers = std::map<std::string, std::shared_ptr<const OriginHandler>, std::less<>>;

  mutable std::mutex mutex_;
  Handlers exact_;
  Handlers prefixes_;
};

/// Serves one connection of a ScriptedOrigin, on a thread of its own.
class OriginSession {
 public:
  /// `stop`, `script` and `journal` must outlive the session.
  OriginSession(Fd socket, std::size_t index, const StopSignal& stop, const OriginScript& script,
                OriginJournal& journal);

  /// Answers requests until the connection closes or `stop` is raised. `tls` may be null.
  void run(SSL_CTX* tls);

 private:
  bool shake_hands(SSL_CTX* tls);
  void serve();
  bool read_request(OriginRequest& request);
  bool read_head(OriginRequest& request);
  bool read_body(OriginRequest& request);
  void refuse();
  bool answer(const OriginRequest& request);
  void call_handler(const OriginRequest& request, Connection& connection);
  void drain(TimePoint deadline);

  const StopSignal& stop_;
  const OriginScript& script_;
  OriginJournal& journal_;
  std::size_t index_;
  ByteStream stream_;
  HttpReader reader_;
  bool drop_next_ = false;
};

}  // namespace sluice::test
