#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sluice::server {

/// How the server listens and what it allows one client. Table [server] of the settings file.
struct Settings {
  /// Address to listen on, IPv4 or IPv6 without brackets. Anything but loopback needs a password.
  std::string host = "127.0.0.1";
  /// TCP port; 0 lets the system choose one.
  std::uint16_t port = 8888;
  /// "https://proxy.example[/prefix]": how clients reach this server; empty: as each request says.
  std::string public_url;
  /// "/prefix" that may stand before every path, and does in the addresses of playlists when no
  /// proxy says otherwise; empty: none.
  std::string path;
  /// Peers whose forwarding headers say who the client is, as access::TrustedProxies::parse() takes
  /// them.
  std::string trusted_proxies = "127.0.0.0/8, ::1";
  /// Worker threads, each with its own event loop; 0 means one per CPU core.
  unsigned workers = 0;
  /// Client connections open at once; one more is answered 503 and closed.
  unsigned max_connections = 10000;
  /// Request line and headers together, in bytes; more is answered 431.
  std::size_t max_head_bytes = 64 * 1024;
  /// Header lines of one request; more is answered 431.
  unsigned max_headers = 100;
  /// Request body, in bytes; more is answered 413.
  std::size_t max_body_bytes = 256 * 1024;
  /// From accepting a connection to the first byte of its first request.
  std::chrono::milliseconds first_byte_timeout{10'000};
  /// From the first byte of a request to the end of its headers (and again to the end of its body).
  std::chrono::milliseconds head_timeout{10'000};
  /// Between two requests of a kept-alive connection.
  std::chrono::milliseconds idle_timeout{75'000};
  /// A client that takes no byte of a response for this long is dropped. A paused player does that.
  std::chrono::milliseconds send_timeout{300'000};
  /// After SIGTERM or SIGINT: how long connections are still accepted and served, while
  /// /health/ready already tells load balancers to go elsewhere. shutdown_grace comes after it.
  std::chrono::milliseconds shutdown_delay{0};
  /// After SIGTERM or SIGINT: how long running responses may take to finish.
  std::chrono::milliseconds shutdown_grace{30'000};
  /// Path of the Unix socket by which a new process takes the listening socket over from this one;
  /// empty: none.
  std::string handover_socket;
  /// After a handover: how long the responses of the old process may take to finish.
  std::chrono::milliseconds handover_grace{3'600'000};
};

}  // namespace sluice::server
