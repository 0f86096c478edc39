#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sluice::test {

/// What becomes of a destination.
enum class FormVerdict : std::uint8_t {
  everywhere,  ///< an address that every reach allows
  lan,         ///< an address that needs reach lan
  any,         ///< an address that needs reach any
  name,        ///< a name: the look-up decides
  no_name,     ///< cannot even be looked up: 502
  unusable,    ///< no URL: 400
};

/// One way to write a URL, most of them meant to be read differently by a check and by what
/// connects.
struct UrlForm {
  const char* why;
  std::string_view url;  ///< PORT stands for a port of the test's choice
  FormVerdict verdict;

  /// `url` with the port in place.
  [[nodiscard]] std::string with_port(std::uint16_t port) const;
};

[[nodiscard]] std::span<const UrlForm> ipv4_forms();
[[nodiscard]] std::span<const UrlForm> ipv6_forms();
/// Everything but the spelling of addresses: user info, schemes, slashes, ports, odd characters.
[[nodiscard]] std::span<const UrlForm> syntax_forms();

}  // namespace sluice::test
