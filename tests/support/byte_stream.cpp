#include "support/byte_stream.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <new>
#include <stdexcept>

#include "support/socket_bio.hpp"

namespace sluice::test {
namespace {

using Clock = std::chrono::steady_clock;

int clamped_int(std::size_t size) noexcept {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

bool is_address(const std::string& name) noexcept {
  std::array<unsigned char, 16> ignored{};
  return ::inet_pton(AF_INET, name.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), ignored.data()) == 1;
}

void name_server(SSL* ssl, const std::string& name) {
  if (is_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, name.c_str());
    SSL_set1_host(ssl, name.c_str());
  }
}

std::string ssl_failure(SSL* ssl) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
    return X509_verify_cert_error_string(verdict);
  }
  const unsigned long code = ERR_peek_last_error();
  if (code == 0) return "the peer closed during the handshake";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown TLS error";
}

}  // namespace

IoStatus ByteStream::wait(short events, TimePoint deadline) {
  while (true) {
    if (events == 0 && peer_closed_) return IoStatus::end;
    const int hang_up = peer_closed_ ? 0 : POLLRDHUP;
    std::array<pollfd, 2> entries{{{socket_.get(), static_cast<short>(events | hang_up), 0},
                                   {stop_ != nullptr ? stop_->fd() : -1, POLLIN, 0}}};
    const int ready = ::poll(entries.data(), entries.size(), poll_timeout(deadline));
    if (ready < 0 && errno != EINTR) return IoStatus::broken;
    if (ready <= 0) {
      if (Clock::now() >= deadline) return IoStatus::timed_out;
      continue;
    }
    if (entries[1].revents != 0) return IoStatus::stopped;
    if ((entries[0].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) note_peer_closed();
    if ((entries[0].revents & POLLNVAL) != 0) return IoStatus::broken;
    if (events != 0 && (entries[0].revents & (events | POLLHUP | POLLERR)) != 0)
      return IoStatus::ok;
  }
}

void ByteStream::note_peer_closed() {
  if (std::exchange(peer_closed_, true)) return;
  if (peer_close_callback_) peer_close_callback_();
}

void ByteStream::begin_tls(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  if (!ssl_) throw std::bad_alloc();
  BIO* const bio = make_socket_bio(socket_.get());
  SSL_set_bio(ssl_.get(), bio, bio);
}

IoStatus ByteStream::accept_tls(SSL_CTX* context, TimePoint deadline) {
  begin_tls(context);
  SSL_set_accept_state(ssl_.get());
  return handshake(deadline);
}

IoStatus ByteStream::connect_tls(SSL_CTX* context, const std::string& server_name,
                                 TimePoint deadline, SSL_SESSION* session) {
  begin_tls(context);
  name_server(ssl_.get(), server_name);
  if (session != nullptr) SSL_set_session(ssl_.get(), session);
  SSL_set_connect_state(ssl_.get());
  return handshake(deadline);
}

IoStatus ByteStream::handshake(TimePoint deadline) {
  ssl_usable_ = true;
  while (true) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return IoStatus::ok;
    const IoStatus status = wait_for_ssl(result, deadline);
    if (status == IoStatus::ok) continue;
    ssl_usable_ = false;
    tls_error_ = status == IoStatus::timed_out ? "handshake timed out" : ssl_failure(ssl_.get());
    return status;
  }
}

/// Waits for what OpenSSL needs to go on: ok = try again.
IoStatus ByteStream::wait_for_ssl(int ssl_result, TimePoint deadline) {
  switch (SSL_get_error(ssl_.get(), ssl_result)) {
    case SSL_ERROR_WANT_READ: return wait(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE: return wait(POLLOUT, deadline);
    case SSL_ERROR_ZERO_RETURN: note_peer_closed(); return IoStatus::end;
    default:
      ssl_usable_ = false;
      note_peer_closed();
      return IoStatus::broken;
  }
}

IoResult ByteStream::read_some(char* data, std::size_t size, TimePoint deadline) {
  if (!socket_) return {IoStatus::broken, 0};
  if (stop_ != nullptr && stop_->raised()) return {IoStatus::stopped, 0};
  return ssl_ ? read_tls(data, size, deadline) : read_plain(data, size, deadline);
}

IoResult ByteStream::read_plain(char* data, std::size_t size, TimePoint deadline) {
  while (true) {
    const ssize_t count = ::recv(socket_.get(), data, size, 0);
    if (count > 0) return {IoStatus::ok, static_cast<std::size_t>(count)};
    if (count == 0) {
      note_peer_closed();
      return {IoStatus::end, 0};
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      note_peer_closed();
      return {IoStatus::broken, 0};
    }
    const IoStatus status = wait(POLLIN, deadline);
    if (status != IoStatus::ok) return {status, 0};
  }
}

IoResult ByteStream::read_tls(char* data, std::size_t size, TimePoint deadline) {
  if (!ssl_usable_) return {IoStatus::broken, 0};
  while (true) {
    ERR_clear_error();
    const int count = SSL_read(ssl_.get(), data, clamped_int(size));
    if (count > 0) return {IoStatus::ok, static_cast<std::size_t>(count)};
    const IoStatus status = wait_for_ssl(count, deadline);
    if (status != IoStatus::ok) return {status, 0};
  }
}

IoResult ByteStream::write_all(std::string_view bytes, TimePoint deadline) {
  if (!socket_ || write_ended_) return {IoStatus::broken, 0};
  std::size_t written = 0;
  while (written < bytes.size()) {
    if (stop_ != nullptr && stop_->raised()) return {IoStatus::stopped, written};
    const std::string_view rest = bytes.substr(written);
    const IoResult result = ssl_ ? write_tls(rest, deadline) : write_plain(rest, deadline);
    written += result.bytes;
    if (result.bytes > 0 && written_callback_) written_callback_(result.bytes);
    if (result.status != IoStatus::ok) return {result.status, written};
  }
  return {IoStatus::ok, written};
}

IoResult ByteStream::write_plain(std::string_view bytes, TimePoint deadline) {
  while (true) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) return {IoStatus::ok, static_cast<std::size_t>(count)};
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      note_peer_closed();
      return {IoStatus::broken, 0};
    }
    const IoStatus status = wait(POLLOUT, deadline);
    if (status != IoStatus::ok) return {status, 0};
  }
}

IoResult ByteStream::write_tls(std::string_view bytes, TimePoint deadline) {
  if (!ssl_usable_) return {IoStatus::broken, 0};
  while (true) {
    ERR_clear_error();
    const int count = SSL_write(ssl_.get(), bytes.data(), clamped_int(bytes.size()));
    if (count > 0) return {IoStatus::ok, static_cast<std::size_t>(count)};
    const IoStatus status = wait_for_ssl(count, deadline);
    if (status != IoStatus::ok) return {status, 0};
  }
}

IoStatus ByteStream::wait_for_peer_close(TimePoint deadline) {
  return socket_ ? wait(0, deadline) : IoStatus::broken;
}

void ByteStream::send_close_notify() {
  if (!ssl_ || !ssl_usable_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

void ByteStream::shutdown_write() {
  if (!socket_ || std::exchange(write_ended_, true)) return;
  send_close_notify();
  ::shutdown(socket_.get(), SHUT_WR);
}

void ByteStream::close(bool notify) {
  if (!socket_) return;
  if (notify && !write_ended_) send_close_notify();
  close_socket();
}

void ByteStream::reset(TimePoint deadline) {
  if (!socket_) return;
  int unacknowledged = 0;
  while (!peer_closed_ && ::ioctl(socket_.get(), SIOCOUTQ, &unacknowledged) == 0 &&
         unacknowledged > 0 && Clock::now() < deadline) {
    if (wait(0, Clock::now() + std::chrono::milliseconds(1)) != IoStatus::timed_out) break;
  }
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close_socket();
}

void ByteStream::close_socket() {
  socket_.close();
  if (close_callback_) close_callback_();
}

}  // namespace sluice::test
