#include "sluice/upstream/own_listeners.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace sluice::upstream {
namespace {

tcp::endpoint at(const char* address, std::uint16_t port) {
  return {asio::ip::make_address(address), port};
}

}  // namespace

TEST_CASE("OwnListeners knows which destinations end at a listener", "[upstream][unit]") {
  struct Row {
    const char* why;
    std::vector<const char*> bound;  ///< on port 8888
    const char* destination;
    std::uint16_t port;
    bool own;
  };
  const Row rows[] = {
      {"none", {}, "127.0.0.1", 8888, false},
      {"itself", {"127.0.0.1"}, "127.0.0.1", 8888, true},
      {"another port", {"127.0.0.1"}, "127.0.0.1", 8889, false},
      {"mapped", {"127.0.0.1"}, "::ffff:127.0.0.1", 8888, true},
      {"nobody's address leads to loopback", {"127.0.0.1"}, "0.0.0.0", 8888, true},
      {"nobody's, mapped", {"127.0.0.1"}, "::ffff:0.0.0.0", 8888, true},
      {"another address of loopback", {"127.0.0.1"}, "127.0.0.2", 8888, false},
      {"another family", {"127.0.0.1"}, "::1", 8888, false},
      {"another machine's", {"127.0.0.1"}, "192.0.2.200", 8888, false},
      {"bound to a mapped address", {"::ffff:127.0.0.1"}, "127.0.0.1", 8888, true},
      {"IPv6", {"::1"}, "::1", 8888, true},
      {"nobody's IPv6 address", {"::1"}, "::", 8888, true},
      {"the IPv4 one goes elsewhere", {"::1"}, "127.0.0.1", 8888, false},
      {"every address: loopback", {"0.0.0.0"}, "127.0.0.1", 8888, true},
      {"every address: all of loopback", {"0.0.0.0"}, "127.255.255.254", 8888, true},
      {"every address: mapped", {"0.0.0.0"}, "::ffff:127.8.9.10", 8888, true},
      {"every address: nobody's", {"0.0.0.0"}, "0.0.0.0", 8888, true},
      {"every address, another port", {"0.0.0.0"}, "127.0.0.1", 80, false},
      {"every address, but a documentation one", {"0.0.0.0"}, "203.0.113.77", 8888, false},
      {"every address, both families: IPv4", {"::"}, "127.0.0.1", 8888, true},
      {"every address, both families: IPv6", {"::"}, "::1", 8888, true},
      {"every address, both families: nobody's", {"::"}, "::", 8888, true},
      {"every address, IPv6 documentation", {"::"}, "2001:db8::77", 8888, false},
      {"compatible is not mapped", {"::"}, "::127.0.0.1", 8888, false},
      {"the second of two", {"127.0.0.2", "127.0.0.1"}, "127.0.0.1", 8888, true},
      {"neither of two", {"127.0.0.2", "127.0.0.1"}, "127.0.0.3", 8888, false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    OwnListeners listeners;
    for (const auto* address : row.bound) listeners.add(at(address, 8888));
    CHECK(listeners.contain(at(row.destination, row.port)) == row.own);
  }
}

}  // namespace sluice::upstream
