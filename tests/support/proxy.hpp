#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/app/settings.hpp"
#include "support/http_client.hpp"

namespace sluice::test {

/// The real program in this process, on a loopback port of the system's choice, from construction
/// to destruction. Unless changed: two workers, upstream.reach any, no password, no log.
class Proxy {
 public:
  explicit Proxy(const std::function<void(app::Settings&)>& change = {});
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

  /// "<path>?d=<url, form-encoded><more>"; `more` starts with '&'.
  [[nodiscard]] static std::string target(std::string_view path, std::string_view url,
                                          std::string_view more = {});
  /// GET of target(path, url, more).
  [[nodiscard]] Response fetch(std::string_view path, std::string_view url,
                               std::string_view more = {}, const Headers& headers = {}) const;

  /// As SIGHUP after `change` to the settings it was made with; returns before it has taken effect.
  void reload(const std::function<void(app::Settings&)>& change);
  /// As SIGTERM; stopped() tells when the program has ended by itself.
  void request_stop();
  [[nodiscard]] bool stopped() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::test
