#pragma once

#include <chrono>
#include <thread>

namespace sluice::test {

/// Asks `condition` again and again, a millisecond apart, until it holds: true then, false when it
/// did not hold within `timeout`. For what other threads or processes do in their own time.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition,
                              std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace sluice::test
