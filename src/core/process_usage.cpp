#include "sluice/core/process_usage.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace sluice {
namespace {

constexpr const char* kDescriptors = "/proc/self/fd";

std::uint64_t open_files() {
  struct stat status {};
  // Linux 6.2 and newer give the number as the folder's size.
  if (::stat(kDescriptors, &status) == 0 && status.st_size > 0) {
    return static_cast<std::uint64_t>(status.st_size);
  }
  std::error_code failed;
  const std::filesystem::directory_iterator entries(kDescriptors, failed);
  if (failed) return 0;
  // Without the one through which they are read.
  return static_cast<std::uint64_t>(std::distance(begin(entries), end(entries))) - 1;
}

std::chrono::microseconds length_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

ProcessUsage process_usage() {
  ProcessUsage usage;
  std::uint64_t virtual_pages = 0;
  std::uint64_t resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> virtual_pages >> resident_pages) {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    usage.virtual_bytes = virtual_pages * page;
    usage.resident_bytes = resident_pages * page;
  }
  usage.open_files = open_files();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_open_files = limit.rlim_cur;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) {
    usage.cpu = length_of(used.ru_utime) + length_of(used.ru_stime);
  }
  return usage;
}

}  // namespace sluice
