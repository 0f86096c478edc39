#pragma once

#include <functional>
#include <memory>

#include "handover_host.hpp"
#include "predecessor.hpp"
#include "sluice/app/settings.hpp"
#include "sluice/server/server.hpp"

namespace sluice::app {

/// From one process to the next: where the proxy's listening socket comes from, and to whom it
/// goes. Tells the service manager, too. One thread: io's, or any before it runs.
class Succession {
 public:
  struct Hooks {
    std::function<void()> hand_over;  ///< another process serves: stop accepting and drain gently
    std::function<void()> give_up;    ///< the process before this one goes on: stop
  };
  /// `settings` and `proxy` outlive this.
  Succession(asio::io_context& io, const Settings& settings, server::Server& proxy, Hooks hooks);

  /// Has the proxy listen: on `passed` if there is one, on the socket of the process that serves
  /// already if it fits the settings, otherwise on a new one. internal, with a context for the
  /// user.
  [[nodiscard]] Result<> listen(net::FileDescriptor passed);
  /// The proxy accepts connections: relieves the process before this one.
  void serving();
  /// The settings are being loaded again; tells the service manager, as loaded() does at the end.
  void loading() const;
  void loaded() const;
  /// A stop was asked for.
  void stopping();

  /// This process may not end yet: the next one does not count as the service so far.
  [[nodiscard]] bool parting() const { return host_ && host_->parting(); }
  /// give_up was called.
  [[nodiscard]] bool gave_up() const noexcept { return gave_up_; }

 private:
  [[nodiscard]] Result<> find_socket(net::FileDescriptor passed);
  [[nodiscard]] bool fits(const net::FileDescriptor& socket) const;
  [[nodiscard]] Result<> check_exposure() const;
  [[nodiscard]] awaitable<void> take_over();
  void publish();
  [[nodiscard]] std::string status() const;

  asio::io_context& io_;
  const Settings& settings_;
  server::Server& proxy_;
  const Hooks hooks_;
  std::unique_ptr<Predecessor> predecessor_;
  std::unique_ptr<HandoverHost> host_;
  bool is_service_ = false;  ///< the process that the service manager counts on
  bool gave_up_ = false;
};

}  // namespace sluice::app
