#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::test {

/// `size` bytes that look random and are the same on every machine for the same `seed`; a shorter
/// text is the beginning of a longer one.
[[nodiscard]] std::string random_bytes(std::size_t size, std::uint64_t seed = 1);

/// SHA-256 of `bytes` as 64 lower-case hex digits. Throws std::runtime_error when OpenSSL fails.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace sluice::test
