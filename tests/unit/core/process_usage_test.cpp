#include "sluice/core/process_usage.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include "support/catch.hpp"

using namespace sluice;

TEST_CASE("ProcessUsage counts descriptors and memory", "[core][unit]") {
  const auto before = process_usage();
  std::vector<int> files;
  for (int i = 0; i < 5; ++i) files.push_back(::open("/dev/null", O_RDONLY));
  const auto after = process_usage();
  for (const int file : files) ::close(file);
  CHECK(after.open_files == before.open_files + 5);
  CHECK(process_usage().open_files == before.open_files);

  CHECK(after.resident_bytes > 1024 * 1024);
  CHECK(after.virtual_bytes >= after.resident_bytes);
  CHECK(after.cpu >= before.cpu);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(after.max_open_files == limit.rlim_cur);
}
