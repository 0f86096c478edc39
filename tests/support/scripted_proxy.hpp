#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/byte_stream.hpp"
#include "support/certificates.hpp"

namespace sluice::test {

/// One connection to a ScriptedProxy. The functions that return bool return false when the peer is
/// gone or the proxy is being destroyed.
class ProxyConnection {
 public:
  /// Made by the proxy for each connection.
  ProxyConnection(ByteStream& stream, const StopSignal& stop) : stream_(stream), stop_(stop) {}

  /// Exactly so many bytes; fewer when the peer closes before.
  [[nodiscard]] std::string read(std::size_t count);
  /// Bytes up to the first end of a head, included; what there was when the peer closes before.
  [[nodiscard]] std::string read_head();
  bool send(std::string_view bytes);
  /// A byte at a time, each in a packet of its own.
  bool drip(std::string_view bytes);
  /// Until the peer closes or the proxy is destroyed.
  void hang();
  /// Carries bytes between the peer and a loopback port until either side closes.
  void tunnel_to(std::uint16_t port);

 private:
  ByteStream& stream_;
  const StopSignal& stop_;
};

/// A server on a loopback port that treats each connection as a test's function says, for playing
/// outgoing proxies, good and bad. One thread per connection; the destructor wakes and joins them.
class ScriptedProxy {
 public:
  using Script = std::function<void(ProxyConnection&)>;

  /// TLS with the certificate, if any, begins before the script runs.
  explicit ScriptedProxy(Script script, std::optional<KeyedCertificate> tls = {});
  ~ScriptedProxy();
  ScriptedProxy(const ScriptedProxy&) = delete;
  ScriptedProxy& operator=(const ScriptedProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "scheme://[login@]localhost:PORT".
  [[nodiscard]] std::string url(std::string_view scheme, std::string_view login = {}) const;
  [[nodiscard]] std::size_t connection_count() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::test
