#pragma once

#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>

namespace sluice::test {

/// Under the address and thread sanitizers resident memory says nothing about the program.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kMemoryTells = false;
#else
inline constexpr bool kMemoryTells = true;
#endif

/// Resident memory of this process in bytes (VmRSS). Throws std::runtime_error when it is not told.
[[nodiscard]] inline std::size_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kilobytes = 0;
    if (word == "VmRSS:" && status >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error("/proc/self/status has no VmRSS");
}

}  // namespace sluice::test
