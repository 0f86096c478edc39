#pragma once

#include <string>
#include <string_view>

namespace sluice::test {

/// `plain` encrypted by OpenSSL's cipher of that name ("AES-128-CBC", with PKCS #7 padding;
/// "AES-256-CTR"). Throws std::runtime_error when OpenSSL fails.
[[nodiscard]] std::string encrypt(const char* cipher, std::string_view key, std::string_view iv,
                                  std::string_view plain);

/// The bytes that pairs of hexadecimal digits stand for. Throws std::invalid_argument for others.
[[nodiscard]] std::string from_hex(std::string_view digits);

}  // namespace sluice::test
