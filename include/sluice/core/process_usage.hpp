#pragma once

#include <chrono>
#include <cstdint>

namespace sluice {

/// What the operating system says this process uses. 0 where it does not say.
struct ProcessUsage {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_open_files = 0;  ///< the soft limit
  std::chrono::microseconds cpu{};   ///< user and system time
};

/// As of now; a few system calls.
[[nodiscard]] ProcessUsage process_usage();

}  // namespace sluice
