#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/access/settings.hpp"
#include "sluice/app/settings_error.hpp"

namespace sluice::app {

/// The address a server may listen on that `text` names: an IPv4 or IPv6 address (without brackets
/// or zone) as it stands, "localhost" as "127.0.0.1". nullopt for everything else: names are not
/// looked up, because what they resolve to may change between two starts.
[[nodiscard]] std::optional<std::string> parse_listen_host(std::string_view text);

/// True for 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104; false for other addresses and other text.
[[nodiscard]] bool is_loopback(std::string_view address);

/// True when a server on `address` would serve other machines without a password that nobody has
/// allowed (auth.open); no server may start or go on so.
[[nodiscard]] bool is_exposed(const access::Settings& auth, std::string_view address);

/// The two halves of HOST:PORT, not yet checked; the host without its brackets.
struct HostAndPort {
  std::string host;
  std::string port;
};

/// Splits "127.0.0.1:8888", "[::1]:8888", "localhost:8888" or ":8888", which stands for every IPv4
/// address of the machine (host 0.0.0.0). Fails when there is no port, or an IPv6 address without
/// brackets; the error's text says what is expected, not where `text` came from.
[[nodiscard]] Checked<HostAndPort> split_host_and_port(std::string_view text);

}  // namespace sluice::app
