#include "sluice/net/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace sluice::net {
namespace {

constexpr std::size_t kMaxSessions = 1024;

/// Index under which an SSL carries its "host:port"; freed with the SSL.
int peer_index() {
  static const int index = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* peer, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<std::string*>(peer);
      });
  return index;
}

bool is_address(const std::string& host) {
  return host.find(':') != std::string::npos ||
         host.find_first_not_of("0123456789.") == std::string::npos;
}

/// Server name and the host that the certificate must name; false when `host` cannot be one.
bool expect_host(SSL* ssl, const std::string& host) {
  if (is_address(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
}

}  // namespace

void TlsContext::ContextFree::operator()(SSL_CTX* context) const noexcept {
  SSL_CTX_free(context);
}
void TlsContext::SessionFree::operator()(SSL_SESSION* session) const noexcept {
  SSL_SESSION_free(session);
}

TlsContext::TlsContext(TlsOptions options) : options_(std::move(options)) {}
TlsContext::~TlsContext() = default;

Result<> TlsContext::load() {
  std::unique_ptr<SSL_CTX, ContextFree> context(SSL_CTX_new(TLS_client_method()));
  if (!context) return internal_error("TLS context: " + tls_error_text());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // Several records per read from the socket; the buffer is there only while it holds something.
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), TlsContext::kReadBuffer);
  static constexpr std::array<unsigned char, 9> kAlpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), kAlpn.data(), kAlpn.size());
  if (options_.verify) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const bool loaded =
        options_.ca_file.empty()
            ? SSL_CTX_set_default_verify_paths(context.get()) == 1
            : SSL_CTX_load_verify_locations(context.get(), options_.ca_file.c_str(), nullptr) == 1;
    if (!loaded) {
      return internal_error(fmt::format("trusted certificates{}{} cannot be loaded: {}",
                                        options_.ca_file.empty() ? "" : " of ", options_.ca_file,
                                        tls_error_text()));
    }
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), &TlsContext::on_new_session);
  SSL_CTX_set_app_data(context.get(), this);
  context_ = std::move(context);
  return {};
}

Result<SSL*> TlsContext::new_client(int fd, std::string_view host, std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  if (!context_) {
    if (auto loaded = load(); !loaded) return loaded.error();
  }
  SSL* ssl = SSL_new(context_.get());
  if (!ssl) return internal_error("TLS session: " + tls_error_text());
  if (!expect_host(ssl, std::string(host))) {
    SSL_free(ssl);
    return upstream_error(Errc::certificate_refused, "no certificate can name this host");
  }
  auto peer = fmt::format("{}:{}", host, port);
  if (const auto known = sessions_.find(peer); known != sessions_.end()) {
    SSL_set_session(ssl, known->second.get());
  }
  SSL_set_ex_data(ssl, peer_index(), new std::string(std::move(peer)));
  SSL_set_fd(ssl, fd);
  return ssl;
}

void TlsContext::remember(const std::string& peer, SSL_SESSION* session) {
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= kMaxSessions && !sessions_.contains(peer)) {
    sessions_.erase(sessions_.begin());
  }
  sessions_[peer].reset(session);
}

int TlsContext::on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto* self = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const auto* peer = static_cast<const std::string*>(SSL_get_ex_data(ssl, peer_index()));
  if (!self || !peer) return 0;
  self->remember(*peer, session);
  return 1;  // the session's reference is ours now
}

std::string tls_error_text() {
  std::string text;
  while (const auto code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (!text.empty()) text += "; ";
    text += reason ? std::string(reason) : fmt::format("error {:#x}", code);
  }
  return text.empty() ? "no reason given" : text;
}

}  // namespace sluice::net
