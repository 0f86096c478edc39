#include "support/fake_resolver.hpp"

#include <netdb.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <string>

#include "support/catch.hpp"

namespace sluice::test {
namespace {

/// The addresses of `name` in their order, or why there are none.
std::string look_up(const char* name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(name, nullptr, &hints, &list);
  if (failed != 0) return failed == EAI_NONAME ? "none" : ::gai_strerror(failed);
  std::string found;
  for (const auto* entry = list; entry; entry = entry->ai_next) {
    boost::asio::ip::tcp::endpoint endpoint;
    REQUIRE(entry->ai_addrlen <= endpoint.capacity());
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    found += (found.empty() ? "" : " ") + endpoint.address().to_string();
  }
  ::freeaddrinfo(list);
  return found;
}

}  // namespace

TEST_CASE("FakeResolver answers names by script and leaves numbers to the system",
          "[support][unit]") {
  FakeResolver names;
  names.answer("a.fake", "192.0.2.1");
  CHECK(look_up("a.fake") == "192.0.2.1");
  CHECK(look_up("A.Fake") == "192.0.2.1");
  CHECK(look_up("b.fake") == "none");
  CHECK(look_up("127.1") == "127.0.0.1");
  CHECK(look_up("::1") == "::1");
  CHECK(names.look_ups("a.fake") == 1);
  CHECK(names.look_ups("b.fake") == 1);
  CHECK(names.look_ups("127.1") == 0);
  names.answer("*", "192.0.2.9");
  CHECK(look_up("a.fake") == "192.0.2.1");
  CHECK(look_up("b.fake") == "192.0.2.9");
  CHECK(look_up("") == "192.0.2.9");
}

TEST_CASE("FakeResolver gives several addresses, and others the next time", "[support][unit]") {
  FakeResolver names;
  names.answer("a.fake", {{"192.0.2.1", "2001:db8::1", "192.0.2.2"}, {}, {"::ffff:192.0.2.3"}});
  CHECK(look_up("a.fake") == "192.0.2.1 192.0.2.2 2001:db8::1");
  CHECK(look_up("a.fake") == "none");
  CHECK(look_up("a.fake") == "::ffff:192.0.2.3");
  CHECK(look_up("a.fake") == "::ffff:192.0.2.3");
  names.answer("a.fake", "192.0.2.4");
  CHECK(look_up("a.fake") == "192.0.2.4");
  CHECK(names.look_ups("a.fake") == 5);
}

}  // namespace sluice::test
