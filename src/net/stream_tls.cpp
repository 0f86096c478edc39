#include <openssl/err.h>
#include <openssl/ssl.h>

#include "sluice/net/stream.hpp"
#include "sluice/net/tls.hpp"

namespace sluice::net {
namespace {

/// Lets `inner` send and receive through `outer` instead of through a socket of its own. OpenSSL
/// then says of `inner` what `outer` waits for.
bool run_inside(SSL* outer, SSL* inner) {
  BIO* through = BIO_new(BIO_f_ssl());
  if (!through) return false;
  BIO_set_ssl(through, outer, BIO_NOCLOSE);
  SSL_set_bio(inner, through, through);
  return true;
}

}  // namespace

void Stream::SslFree::operator()(SSL* ssl) const noexcept {
  // Without this OpenSSL takes the end of the connection for a failure of its session, which could
  // then not be resumed.
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN);
  // What runs inside another one ends that, too, as it is freed, and would write to its socket.
  SSL* outer = nullptr;
  if (BIO_get_ssl(SSL_get_rbio(ssl), &outer) == 1 && outer) {
    SSL_set_shutdown(outer, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  SSL_free(ssl);
}

/// As many records as there are: SSL_read gives one at a time. What ends the reading after some is
/// met again by the next call.
IoResult<std::optional<std::size_t>> Stream::tls_read(Bytes into) {
  for (std::size_t filled = 0;;) {
    const auto rest = into.subspan(filled);
    if (filled > 0 && rest.empty()) return std::optional(filled);
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), rest.data(), static_cast<int>(rest.size()));
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
      received_ += static_cast<std::size_t>(got);
    } else if (filled > 0) {
      return std::optional(filled);
    } else {
      return tls_outcome(got);
    }
  }
}

IoResult<std::optional<std::size_t>> Stream::tls_outcome(int returned) {
  if (returned > 0) return std::optional(static_cast<std::size_t>(returned));
  const int system_errno = errno;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: tls_wants_ = Socket::Way::read; return nothing(Socket::Way::read);
    case SSL_ERROR_WANT_WRITE: tls_wants_ = Socket::Way::write; return nothing(Socket::Way::write);
    case SSL_ERROR_ZERO_RETURN: return std::optional<std::size_t>(0);
    case SSL_ERROR_SYSCALL:
      if (system_errno != 0) return error_code(system_errno, boost::system::system_category());
      return error_code(asio::error::connection_reset);
    default:
      // A peer that closes without close_notify may have been cut off: never a clean end.
      return error_code(asio::error::connection_reset);
  }
}

awaitable<Result<>> Stream::handshake(TlsContext& context, std::string_view host,
                                      std::uint16_t port, Deadline deadline) {
  auto session = context.new_client(fd(), host, port);
  if (!session) co_return session.error();
  if (ssl_) outer_ssl_ = std::move(ssl_);
  ssl_.reset(*session);
  if (outer_ssl_ && !run_inside(outer_ssl_.get(), ssl_.get())) {
    co_return internal_error("TLS inside TLS: " + tls_error_text());
  }
  for (;;) {
    ERR_clear_error();
    const int returned = SSL_connect(ssl_.get());
    if (returned == 1) co_return Result<>();
    const int reason = SSL_get_error(ssl_.get(), returned);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
      const long verdict = SSL_get_verify_result(ssl_.get());
      if (verdict != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE) {
        co_return upstream_error(Errc::certificate_refused, X509_verify_cert_error_string(verdict));
      }
      co_return upstream_error(Errc::tls_failed, reason == SSL_ERROR_SYSCALL
                                                     ? std::string("connection lost")
                                                     : tls_error_text());
    }
    const auto way = reason == SSL_ERROR_WANT_READ ? Socket::Way::read : Socket::Way::write;
    socket_.exhausted(way);
    const auto error = co_await wait(way, deadline);
    if (error == asio::error::timed_out) co_return upstream_error(Errc::tls_timeout);
    if (is_cancel(error)) co_return cancel_error(error);
    if (error) co_return upstream_error(Errc::tls_failed, describe(error));
  }
}

}  // namespace sluice::net
