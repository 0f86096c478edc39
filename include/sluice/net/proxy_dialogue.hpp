#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "sluice/core/clock.hpp"
#include "sluice/core/error.hpp"
#include "sluice/net/asio.hpp"

namespace sluice::net {

class Stream;

/// User name and password for an outgoing proxy, as they are (not percent-encoded).
struct ProxyLogin {
  std::string user;
  std::string password;

  [[nodiscard]] bool empty() const noexcept { return user.empty() && password.empty(); }
  friend bool operator==(const ProxyLogin&, const ProxyLogin&) = default;
};

/// Where an outgoing proxy is asked to connect to: an address, or a name that it looks up itself.
struct ProxyTarget {
  std::variant<asio::ip::address, std::string> host;
  std::uint16_t port = 0;
};

/// What we say to an outgoing proxy, and what we make of its answers, until it has opened a tunnel
/// to the target. Without I/O: open_tunnel() performs the steps.
class ProxyDialogue {
 public:
  struct Step {
    std::string send;      ///< may be empty
    std::size_t read = 0;  ///< exactly so many bytes are then wanted; 0: the tunnel is open
    friend bool operator==(const Step&, const Step&) = default;
  };

  virtual ~ProxyDialogue() = default;
  /// The first step. proxy_refused_target when this protocol cannot name the target.
  [[nodiscard]] virtual Result<Step> begin() = 0;
  /// The step after `bytes`, which are as many as the step before wanted. Never wants bytes beyond
  /// the proxy's answer: those belong to the tunnel. proxy_failed, proxy_auth or
  /// proxy_refused_target (origin upstream), without login in the context.
  [[nodiscard]] virtual Result<Step> got(std::string_view bytes) = 0;
};

/// Has the dialogue on `stream`, which then is the tunnel, with every byte of it unread. Errors of
/// the dialogue; proxy_failed when the connection breaks, proxy_timeout, cancel_error().
[[nodiscard]] awaitable<Result<>> open_tunnel(Stream& stream, ProxyDialogue& dialogue,
                                              Deadline deadline);

}  // namespace sluice::net
