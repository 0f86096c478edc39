#pragma once

#include <openssl/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sluice/core/error.hpp"

struct ssl_session_st;

namespace sluice::net {

struct TlsOptions {
  /// Check the certificate's chain and that it names the host.
  bool verify = true;
  /// PEM file of trusted certificates; empty means the system's.
  std::string ca_file;
};

/// What TLS connections to origins share: trusted certificates, and the sessions to resume. The
/// trust store is loaded when the first https origin is asked, and kept. Any thread.
class TlsContext {
 public:
  /// What a session reads from its socket at once: four records of the largest size.
  static constexpr std::uint64_t kReadBuffer = 4 * (16 * 1024 + 256);

  explicit TlsContext(TlsOptions options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// A client session for `fd`, which it does not own, ready for SSL_connect: server name, expected
  /// host, ALPN http/1.1, TLS 1.2 or newer, the last session with this host and port. internal when
  /// the trusted certificates cannot be loaded. The caller frees it.
  [[nodiscard]] Result<SSL*> new_client(int fd, std::string_view host, std::uint16_t port);

 private:
  struct ContextFree {
    void operator()(SSL_CTX* context) const noexcept;
  };
  struct SessionFree {
    void operator()(ssl_session_st* session) const noexcept;
  };
  using Session = std::unique_ptr<ssl_session_st, SessionFree>;

  [[nodiscard]] Result<> load();
  void remember(const std::string& peer, ssl_session_st* session);
  static int on_new_session(SSL* ssl, ssl_session_st* session);

  const TlsOptions options_;
  std::mutex mutex_;  ///< guards what follows; held at handshakes only
  std::unique_ptr<SSL_CTX, ContextFree> context_;
  std::unordered_map<std::string, Session> sessions_;
};

/// The texts of this thread's OpenSSL error queue, which is emptied.
[[nodiscard]] std::string tls_error_text();

}  // namespace sluice::net
