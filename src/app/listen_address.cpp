#include "sluice/app/listen_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <array>

#include "sluice/app/setting_value.hpp"
#include "sluice/core/text.hpp"

namespace sluice::app {
namespace {

constexpr std::string_view kAnyIPv4 = "0.0.0.0";
constexpr unsigned char kLoopbackNet = 127;

using IPv4Bytes = std::array<unsigned char, 4>;
using IPv6Bytes = std::array<unsigned char, 16>;

template <class Bytes>
std::optional<Bytes> parse_address(int family, std::string_view text) {
  // inet_pton() reads up to a NUL, so one inside would hide what follows it.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  Bytes bytes{};
  if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

std::optional<IPv4Bytes> parse_ipv4(std::string_view text) {
  return parse_address<IPv4Bytes>(AF_INET, text);
}
std::optional<IPv6Bytes> parse_ipv6(std::string_view text) {
  return parse_address<IPv6Bytes>(AF_INET6, text);
}

bool is_loopback(const IPv6Bytes& bytes) {
  constexpr IPv6Bytes kOne{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr IPv6Bytes kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, kLoopbackNet, 0, 0, 0};
  IPv6Bytes net = bytes;
  net[13] = net[14] = net[15] = 0;
  return bytes == kOne || net == kMapped;
}

SettingsError bad_shape(std::string_view text) {
  return {fmt::format("expected HOST:PORT, such as 127.0.0.1:8888, [::1]:8888 or :8888, got {}",
                      describe(PlainText{std::string(text)}))};
}

}  // namespace

std::optional<std::string> parse_listen_host(std::string_view text) {
  if (iequals(text, "localhost")) return "127.0.0.1";
  if (parse_ipv4(text) || parse_ipv6(text)) return std::string(text);
  return std::nullopt;
}

bool is_loopback(std::string_view address) {
  if (const auto v4 = parse_ipv4(address)) return v4->front() == kLoopbackNet;
  const auto v6 = parse_ipv6(address);
  return v6 && is_loopback(*v6);
}

bool is_exposed(const access::Settings& auth, std::string_view address) {
  return auth.api_password.empty() && !auth.open && !is_loopback(address);
}

Checked<HostAndPort> split_host_and_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return bad_shape(text);
  std::string_view host = text.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!parse_ipv6(host)) return bad_shape(text);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return bad_shape(text);
  }
  if (host.empty()) host = kAnyIPv4;
  return HostAndPort{std::string(host), std::string(text.substr(colon + 1))};
}

}  // namespace sluice::app
