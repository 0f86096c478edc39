#include <string>
#include <vector>

#include "sluice/upstream/host_limiter.hpp"
#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::upstream;
using namespace std::chrono_literals;

TEST_CASE("HostLimiter names the busiest origins first, and only so many", "[upstream][unit]") {
  HostLimiter limiter({10, 10, 1s});
  std::vector<HostLimiter::Permit> permits;
  const auto open = [&](const std::string& origin, int count) {
    for (int i = 0; i < count; ++i) permits.push_back(limiter.try_acquire(origin));
  };
  open("http://one:80", 1);
  open("http://three:80", 3);
  open("http://also-one:80", 1);
  open("http://two:80", 2);
  { const auto gone = limiter.try_acquire("http://gone:80"); }
  const auto names = [&](std::size_t most) {
    std::vector<std::string> found;
    for (const auto& [origin, load] : limiter.busiest(most)) {
      CHECK(load.connections == limiter.load(origin).connections);
      found.push_back(origin);
    }
    return found;
  };
  using Names = std::vector<std::string>;
  CHECK(names(0).empty());
  CHECK(names(2) == Names{"http://three:80", "http://two:80"});
  CHECK(names(100) ==
        Names{"http://three:80", "http://two:80", "http://also-one:80", "http://one:80"});
}
