#include "support/captured_log.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <mutex>

#include "sluice/core/log.hpp"
#include "support/eventually.hpp"

namespace sluice::test {

/// All that read the log of this process.
class LogReaders {
 public:
  static LogReaders& instance() {
    static LogReaders& readers = *new LogReaders;  // the log outlives static objects
    return readers;
  }

  void open_file() {
    const char* folder = std::getenv("SLUICE_TEST_LOGS");
    if (folder == nullptr) return;
    {
      const std::lock_guard lock(mutex_);
      if (file_.is_open()) return;
      file_.open(std::string(folder) + "/" + std::to_string(::getpid()) + ".log", std::ios::app);
    }
    install();
  }

  void add(CapturedLog& log) {
    {
      const std::lock_guard lock(mutex_);
      logs_.push_back(&log);
    }
    install();
  }

  void remove(CapturedLog& log) {
    bool needed = true;
    {
      const std::lock_guard lock(mutex_);
      std::erase(logs_, &log);
      needed = file_.is_open() || !logs_.empty();
    }
    if (!needed) log::set_tap({});
  }

  std::vector<std::string> lines_of(const CapturedLog& log) {
    const std::lock_guard lock(mutex_);
    return log.lines_;
  }

 private:
  void install() {
    log::set_tap([this](log::Level level, std::string_view line) {
      auto text = std::string(line);
      if (log::format() == log::Format::text) {
        text = std::string(log::to_string(level)).append(" ").append(line);
      }
      const std::lock_guard lock(mutex_);
      for (auto* log : logs_) log->lines_.push_back(text);
      if (file_.is_open()) file_ << text << std::endl;
    });
  }

  std::mutex mutex_;
  std::ofstream file_;
  std::vector<CapturedLog*> logs_;
};

void write_test_log() {
  LogReaders::instance().open_file();
}

CapturedLog::CapturedLog() {
  LogReaders::instance().add(*this);
}

CapturedLog::~CapturedLog() {
  LogReaders::instance().remove(*this);
}

std::vector<std::string> CapturedLog::lines() const {
  return LogReaders::instance().lines_of(*this);
}

std::vector<std::string> CapturedLog::wait_for(std::string_view part, std::size_t count) const {
  std::vector<std::string> found;
  static_cast<void>(eventually([&] {
    found = lines();
    std::erase_if(found,
                  [&](const std::string& line) { return line.find(part) == std::string::npos; });
    return found.size() >= count;
  }));
  return found;
}

}  // namespace sluice::test
