#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// Writes every line of the log, from level debug on and whatever the settings say, to a file of
/// this process in the directory that the environment's SLUICE_TEST_LOGS names, if it does.
void write_test_log();

/// What is logged while it lives, by any thread and whatever the settings say: the lines as in the
/// log, in text "level message".
class CapturedLog {
 public:
  CapturedLog();
  ~CapturedLog();
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  [[nodiscard]] std::vector<std::string> lines() const;
  /// Waits for lines that hold `part`, and gives them; fewer than `count` when they do not come.
  [[nodiscard]] std::vector<std::string> wait_for(std::string_view part,
                                                  std::size_t count = 1) const;

 private:
  friend class LogReaders;
  std::vector<std::string> lines_;  ///< guarded by the readers' mutex
};

}  // namespace sluice::test
