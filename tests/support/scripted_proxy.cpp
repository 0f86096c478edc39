#include "support/scripted_proxy.hpp"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <list>
#include <thread>
#include <utility>

#include "support/socket.hpp"
#include "support/tls_context.hpp"

namespace sluice::test {
namespace {

/// Longer than any test waits.
constexpr auto kPatience = std::chrono::seconds(60);

TimePoint patience() {
  return std::chrono::steady_clock::now() + kPatience;
}

}  // namespace

std::string ProxyConnection::read(std::size_t count) {
  std::string out(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const auto got = stream_.read_some(out.data() + filled, count - filled, patience());
    if (got.status != IoStatus::ok) break;
    filled += got.bytes;
  }
  out.resize(filled);
  return out;
}

std::string ProxyConnection::read_head() {
  std::string out;
  while (!out.ends_with("\r\n\r\n")) {
    const auto byte = read(1);
    if (byte.empty()) break;
    out += byte;
  }
  return out;
}

bool ProxyConnection::send(std::string_view bytes) {
  return stream_.write_all(bytes, patience()).status == IoStatus::ok;
}

bool ProxyConnection::drip(std::string_view bytes) {
  for (const char byte : bytes) {
    if (!send({&byte, 1})) return false;
    if (stop_.wait_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(2))) {
      return false;
    }
  }
  return true;
}

void ProxyConnection::hang() {
  (void)stream_.wait_for_peer_close(patience());
}

void ProxyConnection::tunnel_to(std::uint16_t port) {
  ByteStream origin(connect_to_loopback(port, false, 0, patience()), &stop_);
  std::vector<char> piece(65536);
  // A turn each, because a ByteStream is for one thread.
  const auto carry = [&](ByteStream& from, ByteStream& to) {
    const auto turn = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
    const auto got = from.read_some(piece.data(), piece.size(), turn);
    if (got.status == IoStatus::timed_out) return true;
    return got.status == IoStatus::ok &&
           to.write_all({piece.data(), got.bytes}, patience()).status == IoStatus::ok;
  };
  while (carry(stream_, origin) && carry(origin, stream_)) {
  }
}

struct ScriptedProxy::State {
  State(Script play, const std::optional<KeyedCertificate>& certificate)
      : script(std::move(play)),
        tls(certificate ? make_server_context(*certificate) : nullptr),
        listener(listen_on_loopback(false)),
        port(bound_port(listener)) {}

  void accept_until_stopped() {
    for (;;) {
      std::array<pollfd, 2> entries{{{listener.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
      ::poll(entries.data(), entries.size(), -1);
      if (stop.raised()) return;
      auto socket = accept_from(listener);
      if (!socket) continue;
      ++connections;
      threads.emplace_back([this, fd = socket.release()] { serve(Fd(fd)); });
    }
  }

  void serve(Fd socket) {
    ByteStream stream(std::move(socket), &stop);
    if (tls && stream.accept_tls(tls.get(), patience()) != IoStatus::ok) return;
    ProxyConnection connection(stream, stop);
    script(connection);
    stream.close();
  }

  Script script;
  SslContextPtr tls;
  Fd listener;
  std::uint16_t port;
  StopSignal stop;
  std::atomic<std::size_t> connections = 0;
  std::list<std::thread> threads;  ///< touched by the acceptor only, until it is joined
  std::thread acceptor;
};

ScriptedProxy::ScriptedProxy(Script script, std::optional<KeyedCertificate> tls)
    : state_(std::make_unique<State>(std::move(script), tls)) {
  state_->acceptor = std::thread([state = state_.get()] { state->accept_until_stopped(); });
}

ScriptedProxy::~ScriptedProxy() {
  state_->stop.raise();
  state_->acceptor.join();
  for (auto& thread : state_->threads) thread.join();
}

std::uint16_t ScriptedProxy::port() const noexcept {
  return state_->port;
}

std::string ScriptedProxy::url(std::string_view scheme, std::string_view login) const {
  return std::string(scheme) + "://" + (login.empty() ? "" : std::string(login) + "@") +
         "localhost:" + std::to_string(port());
}

std::size_t ScriptedProxy::connection_count() const noexcept {
  return state_->connections;
}

}  // namespace sluice::test
