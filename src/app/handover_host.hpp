#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "handover_channel.hpp"
#include "handover_socket.hpp"

namespace sluice::app {

/// The side of a handover that serves already: listens on a Unix socket and passes the listening
/// socket to a process that asks for it, one at a time. As long as that one does not say that it
/// serves, nothing changes here, whatever becomes of it. One thread: io's.
class HandoverHost {
 public:
  struct Hooks {
    std::function<int()> socket;      ///< the listening socket; -1 when there is none any more
    std::function<void()> hand_over;  ///< stop accepting and drain: the other one serves
  };
  /// How long it waits for the other process.
  struct Patience {
    Clock::duration to_serve = std::chrono::seconds(30);  ///< after it got the socket
    Clock::duration to_end = std::chrono::seconds(10);    ///< after it was told that all is its own
  };

  HandoverHost(asio::io_context& io, std::string path, Hooks hooks, Patience patience);
  HandoverHost(asio::io_context& io, std::string path, Hooks hooks)
      : HandoverHost(io, std::move(path), std::move(hooks), Patience{}) {}
  ~HandoverHost();
  HandoverHost(const HandoverHost&) = delete;
  HandoverHost& operator=(const HandoverHost&) = delete;

  /// Listens under a temporary name beside the path, for this user only. internal, with a context
  /// for the user.
  [[nodiscard]] Result<> prepare();
  /// Gives the socket its name, in place of another one's, and answers from now on. internal, with
  /// a context.
  [[nodiscard]] Result<> publish();
  /// Answers nobody any more, and removes the path, unless somebody else's socket stands there.
  void close();

  /// The other process serves, and is about to say that it does not need this one any more.
  [[nodiscard]] bool parting() const noexcept { return parting_; }
  /// Another process serves.
  [[nodiscard]] bool handed_over() const noexcept { return handed_over_; }

 private:
  void wait();
  void accept();
  [[nodiscard]] awaitable<void> talk(std::unique_ptr<HandoverChannel> channel);
  [[nodiscard]] std::string objection_to(std::string_view hello) const;
  [[nodiscard]] awaitable<Result<>> pass_socket(HandoverChannel& channel);

  asio::io_context& io_;
  const std::string path_;
  const std::string temporary_;
  const Hooks hooks_;
  const Patience patience_;
  asio::posix::stream_descriptor listener_;
  asio::steady_timer pause_;
  std::optional<FileIdentity> published_;  ///< what stands at the path since publish()
  bool busy_ = false;  ///< a process has the socket and has not yet said that it serves
  bool handed_over_ = false;
  bool parting_ = false;
};

}  // namespace sluice::app
