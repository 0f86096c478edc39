#include "sluice/access/client_address.hpp"

#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::access;

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

http::HeaderList headers_of(const Lines& lines) {
  http::HeaderList headers;
  for (const auto& [name, value] : lines) headers.add(name, value);
  return headers;
}

}  // namespace

TEST_CASE("client_address believes trusted peers only", "[access][unit]") {
  struct Row {
    const char* why;
    const char* trusted;
    const char* peer;
    Lines headers;
    const char* client;
    bool claim_ignored = false;
  };
  const char* const kProxy = "10.0.0.1";
  const Row rows[] = {
      {"no headers", "loopback", "192.0.2.1", {}, "192.0.2.1"},
      {"no headers from a trusted peer", "10.0.0.0/8", kProxy, {}, "10.0.0.1"},
      {"untrusted peer", "loopback", kProxy, {{"X-Forwarded-For", "192.0.2.9"}}, "10.0.0.1", true},
      {"untrusted, Forwarded", "", kProxy, {{"Forwarded", "for=192.0.2.9"}}, "10.0.0.1", true},
      {"untrusted, X-Real-IP", "", kProxy, {{"X-Real-IP", "192.0.2.9"}}, "10.0.0.1", true},
      {"nobody is trusted", "", "127.0.0.1", {{"X-Real-IP", "192.0.2.9"}}, "127.0.0.1", true},

      {"one hop", "10.0.0.0/8", kProxy, {{"X-Forwarded-For", "192.0.2.9"}}, "192.0.2.9"},
      {"what the client itself wrote comes first and does not count",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "1.1.1.1, 192.0.2.9"}},
       "192.0.2.9"},
      {"trusted hops are passed over",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "192.0.2.9, 10.0.0.3, 10.0.0.2"}},
       "192.0.2.9"},
      {"an untrusted hop ends it",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "192.0.2.9, 172.16.0.1, 10.0.0.2"}},
       "172.16.0.1"},
      {"all hops trusted: the first",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "10.0.0.4, 10.0.0.3"}},
       "10.0.0.4"},
      {"several lines are one list",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "192.0.2.9, 10.0.0.2"}},
       "192.0.2.9"},
      {"everyone trusted: the first",
       "*",
       "8.8.8.8",
       {{"X-Forwarded-For", "1.1.1.1, 192.0.2.9"}},
       "1.1.1.1"},
      {"everyone trusted, no header", "*", "8.8.8.8", {}, "8.8.8.8"},
      {"everyone trusted, garbage", "*", "8.8.8.8", {{"X-Forwarded-For", "x"}}, "8.8.8.8"},
      {"no address: who passed it on",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "192.0.2.9, unknown, 10.0.0.2"}},
       "10.0.0.2"},
      {"empty entries", "10.0.0.0/8", kProxy, {{"X-Forwarded-For", " ,192.0.2.9,, "}}, "192.0.2.9"},
      {"empty header", "10.0.0.0/8", kProxy, {{"X-Forwarded-For", ""}}, "10.0.0.1"},

      {"with port", "10.0.0.0/8", kProxy, {{"X-Forwarded-For", "192.0.2.9:1234"}}, "192.0.2.9"},
      {"IPv6", "10.0.0.0/8", kProxy, {{"X-Forwarded-For", "2001:DB8::1"}}, "2001:db8::1"},
      {"IPv6 in brackets",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "[2001:db8::1]"}},
       "2001:db8::1"},
      {"IPv6 with port",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "[2001:db8::1]:80"}},
       "2001:db8::1"},
      {"open bracket", "10.0.0.0/8", kProxy, {{"X-Forwarded-For", "[2001:db8::1"}}, "10.0.0.1"},
      {"IPv4 written as IPv6",
       "10.0.0.0/8",
       kProxy,
       {{"X-Forwarded-For", "::ffff:192.0.2.9"}},
       "192.0.2.9"},
      {"peer as IPv6",
       "10.0.0.0/8",
       "::ffff:10.0.0.1",
       {{"X-Forwarded-For", "192.0.2.9"}},
       "192.0.2.9"},
      {"list as IPv6",
       "::ffff:10.0.0.0/104",
       kProxy,
       {{"X-Forwarded-For", "192.0.2.9"}},
       "192.0.2.9"},
      {"IPv6 network", "fd00::/8", "fd12::1", {{"X-Forwarded-For", "192.0.2.9"}}, "192.0.2.9"},
      {"outside the IPv6 network",
       "fd00::/8",
       "fe00::1",
       {{"X-Forwarded-For", "192.0.2.9"}},
       "fe00::1",
       true},
      {"an address without mask",
       "172.20.0.0",
       "172.20.0.1",
       {{"X-Real-IP", "192.0.2.9"}},
       "172.20.0.1",
       true},
      {"private", "private", "172.20.0.1", {{"X-Real-IP", "192.0.2.9"}}, "192.0.2.9"},
      {"loopback, IPv6", "loopback", "::1", {{"X-Real-IP", "192.0.2.9"}}, "192.0.2.9"},

      {"Forwarded",
       "10.0.0.0/8",
       kProxy,
       {{"Forwarded", "for=192.0.2.9;proto=https"}},
       "192.0.2.9"},
      {"Forwarded, several hops",
       "10.0.0.0/8",
       kProxy,
       {{"Forwarded", "for=1.1.1.1, For=\"192.0.2.9:99\" , for=10.0.0.2"}},
       "192.0.2.9"},
      {"Forwarded, IPv6 quoted",
       "10.0.0.0/8",
       kProxy,
       {{"Forwarded", "for=\"[2001:db8::17]:4711\""}},
       "2001:db8::17"},
      {"Forwarded, hidden", "10.0.0.0/8", kProxy, {{"Forwarded", "for=_hidden"}}, "10.0.0.1"},
      {"Forwarded, malformed", "10.0.0.0/8", kProxy, {{"Forwarded", "for"}}, "10.0.0.1"},
      {"X-Forwarded-For before Forwarded",
       "10.0.0.0/8",
       kProxy,
       {{"Forwarded", "for=1.1.1.1"}, {"X-Forwarded-For", "192.0.2.9"}},
       "192.0.2.9"},
      {"Forwarded before X-Real-IP",
       "10.0.0.0/8",
       kProxy,
       {{"Forwarded", "for=192.0.2.9"}, {"X-Real-IP", "1.1.1.1"}},
       "192.0.2.9"},
      {"X-Real-IP", "10.0.0.0/8", kProxy, {{"X-Real-IP", "192.0.2.9"}}, "192.0.2.9"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto trusted = TrustedProxies::parse(row.trusted);
    REQUIRE(trusted.has_value());
    const auto peer = boost::asio::ip::make_address(row.peer);
    const auto found = client_address(headers_of(row.headers), peer, *trusted);
    CHECK(found.address.to_string() == row.client);
    CHECK(found.claim_ignored == row.claim_ignored);
  }
}

TEST_CASE("TrustedProxies reads lists and names the entry it does not understand",
          "[access][unit]") {
  for (const auto* list : {"", " , ", "127.0.0.1", "10.0.0.0/8,192.168.1.7", "10.0.0.0/8 fd00::/8",
                           "*", "loopback, PRIVATE", "0.0.0.0/0", "::/0", "10.1.2.3/8"}) {
    INFO(list);
    CHECK(TrustedProxies::parse(list).has_value());
  }
  struct Row {
    const char* list;
    const char* entry;
  };
  for (const auto& [list, entry] :
       {Row{"10.0.0.0/33", "10.0.0.0/33"}, Row{"::/129", "::/129"}, Row{"10.0.0/8", "10.0.0/8"},
        Row{"127.0.0.1, proxy", "proxy"}, Row{"10.0.0.0/", "10.0.0.0/"},
        Row{"10.0.0.0/-1", "10.0.0.0/-1"}, Row{"**", "**"}, Row{"/8", "/8"}}) {
    INFO(list);
    const auto parsed = TrustedProxies::parse(list);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().context == entry);
  }
}
