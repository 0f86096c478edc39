#include <ifaddrs.h>
#include <netinet/in.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "integration/upstream/outgoing_proxy.hpp"
#include "support/catch.hpp"
#include "support/fake_resolver.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";
constexpr std::string_view kItself = "it is this server itself";

Proxy listening_on(const std::string& address) {
  return Proxy([&](app::Settings& settings) { settings.server.host = address; });
}

std::string port_of(const Proxy& proxy) {
  return ":" + std::to_string(proxy.port());
}

/// Hosts of URLs for the addresses of this machine's interfaces.
std::vector<std::string> interface_hosts() {
  std::vector<std::string> hosts;
  ifaddrs* list = nullptr;
  REQUIRE(::getifaddrs(&list) == 0);
  for (const auto* entry = list; entry; entry = entry->ifa_next) {
    const int family = entry->ifa_addr ? entry->ifa_addr->sa_family : AF_UNSPEC;
    if (family != AF_INET && family != AF_INET6) continue;
    const auto size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    boost::asio::ip::tcp::endpoint endpoint;
    std::memcpy(endpoint.data(), entry->ifa_addr, size);
    endpoint.resize(size);
    const auto address = endpoint.address();
    if (address.is_v4()) hosts.push_back(address.to_string());
    if (address.is_v6() && address.to_v6().scope_id() == 0) {
      hosts.push_back("[" + address.to_string() + "]");
    }
  }
  ::freeifaddrs(list);
  return hosts;
}

}  // namespace

TEST_CASE("Under no reach does the server fetch from itself", "[upstream][integration]") {
  FakeResolver names;
  names.answer("self.fake", "127.0.0.1");
  names.answer("mapped.fake", "::ffff:127.0.0.1");
  names.answer("nobody.fake", "0.0.0.0");
  const Proxy proxy;
  const std::string host = GENERATE("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0",
                                    "0.0.0.0", "user@127.0.0.1", "[::ffff:127.0.0.1]",
                                    "[::ffff:0:0]", "self.fake", "mapped.fake", "nobody.fake");
  INFO(host);
  const auto url = "http://" + host + port_of(proxy) + "/health";
  for (const auto* route : {"/proxy/stream", "/proxy/hls/manifest.m3u8", "/proxy/hls/segment.ts"}) {
    check_error(proxy.fetch(route, url), 403, kItself);
  }
  CHECK(request(proxy.port(), "HEAD", Proxy::target(kStream, url)).status == 403);
  check_error(proxy.fetch(kStream, "https" + url.substr(4)), 403, kItself);
}

TEST_CASE("A server on every address knows all of them as its own", "[upstream][integration]") {
  const std::string bound = GENERATE("0.0.0.0", "::");
  INFO(bound);
  const auto proxy = listening_on(bound);
  auto hosts = interface_hosts();
  CHECK_FALSE(hosts.empty());
  hosts.insert(hosts.end(), {"127.0.0.1", "127.8.9.10", "0.0.0.0", "[::1]", "[::]",
                             "[::ffff:127.8.9.10]", "localhost"});
  for (const auto& host : hosts) {
    INFO(host);
    check_error(proxy.fetch(kStream, "http://" + host + port_of(proxy) + "/health"), 403, kItself);
  }
}

TEST_CASE("Other servers of this machine are not the server itself", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {}, "another"));
  const auto proxy = listening_on(GENERATE("127.0.0.1", "0.0.0.0", "::"));
  CHECK(proxy.fetch(kStream, origin.url("/")).body == "another");
  const Proxy second;
  CHECK(proxy.fetch(kStream, "http://127.0.0.1" + port_of(second) + "/health").status == 200);
}

TEST_CASE("The server's own address in a request of its own is refused there",
          "[upstream][integration]") {
  // The other server is asked, and it is that one which refuses.
  const Proxy first;
  const Proxy second;
  const auto loop = "http://127.0.0.1" + port_of(second) +
                    Proxy::target(kStream, "http://127.0.0.1" + port_of(second) + "/health");
  check_error(second.fetch(kStream, loop), 403, kItself);
  CHECK(first.fetch(kStream, loop).status == 403);
}

TEST_CASE("An outgoing proxy may be asked for this server's address", "[upstream][integration]") {
  ScriptedOrigin forward;
  forward.on_prefix("http://127.0.0.1:", status(200, {}, "the proxy's own network"));
  const auto sluice = through("http://" + forward.authority());
  CHECK(sluice.fetch(kStream, "http://127.0.0.1" + port_of(sluice) + "/").body ==
        "the proxy's own network");
}

}  // namespace sluice::test
