#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "sluice/core/clock.hpp"

namespace sluice::routes {

/// The address that origins see, remembered for all workers. Any thread.
class PublicIpCache {
 public:
  /// What is known, even if it is old; the flag says that nobody has to ask again yet, because it
  /// is young or somebody asks already.
  struct Known {
    std::string address;  ///< empty: nothing is known
    bool fresh = false;
  };
  /// When the answer is not fresh the caller is the one to ask, and to call found() or failed().
  [[nodiscard]] Known look(TimePoint now, Clock::duration max_age);
  void found(std::string address, TimePoint now);
  void failed();

 private:
  std::mutex mutex_;
  std::string address_;
  TimePoint since_{};
  bool asking_ = false;
};

}  // namespace sluice::routes
