#include "sluice/upstream/reach.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace sluice::upstream {
namespace {

using Class = AddressClass;

/// Under which settings an address may be dialled; `any` allows all.
enum class Verdict { everywhere, lan, any };

struct Row {
  const char* why;
  const char* address;
  AddressClass address_class;
  Verdict verdict;
};

// IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), first and last address of each
// block and their neighbours outside.
constexpr Row kRows[] = {
    {"name server", "8.8.8.8", Class::global, Verdict::everywhere},
    {"first address of all that is routed", "1.0.0.0", Class::global, Verdict::everywhere},
    {"last address of \"this network\"", "0.255.255.255", Class::unspecified, Verdict::any},
    {"unspecified", "0.0.0.0", Class::unspecified, Verdict::any},
    {"before 10/8", "9.255.255.255", Class::global, Verdict::everywhere},
    {"first of 10/8", "10.0.0.0", Class::private_use, Verdict::lan},
    {"last of 10/8", "10.255.255.255", Class::private_use, Verdict::lan},
    {"after 10/8", "11.0.0.0", Class::global, Verdict::everywhere},
    {"before the shared block", "100.63.255.255", Class::global, Verdict::everywhere},
    {"first of the shared block", "100.64.0.0", Class::shared, Verdict::lan},
    {"last of the shared block", "100.127.255.255", Class::shared, Verdict::lan},
    {"after the shared block", "100.128.0.0", Class::global, Verdict::everywhere},
    {"metadata inside the shared block", "100.100.100.200", Class::shared, Verdict::any},
    {"its neighbour", "100.100.100.201", Class::shared, Verdict::lan},
    {"before loopback", "126.255.255.255", Class::global, Verdict::everywhere},
    {"first of loopback", "127.0.0.0", Class::loopback, Verdict::any},
    {"loopback", "127.0.0.1", Class::loopback, Verdict::any},
    {"last of loopback", "127.255.255.255", Class::loopback, Verdict::any},
    {"after loopback", "128.0.0.0", Class::global, Verdict::everywhere},
    {"before link-local", "169.253.255.255", Class::global, Verdict::everywhere},
    {"first of link-local", "169.254.0.0", Class::link_local, Verdict::any},
    {"cloud metadata", "169.254.169.254", Class::link_local, Verdict::any},
    {"container metadata", "169.254.170.2", Class::link_local, Verdict::any},
    {"last of link-local", "169.254.255.255", Class::link_local, Verdict::any},
    {"after link-local", "169.255.0.0", Class::global, Verdict::everywhere},
    {"before 172.16/12", "172.15.255.255", Class::global, Verdict::everywhere},
    {"first of 172.16/12", "172.16.0.0", Class::private_use, Verdict::lan},
    {"last of 172.16/12", "172.31.255.255", Class::private_use, Verdict::lan},
    {"after 172.16/12", "172.32.0.0", Class::global, Verdict::everywhere},
    {"before protocol assignments", "191.255.255.255", Class::global, Verdict::everywhere},
    {"first protocol assignment", "192.0.0.0", Class::reserved, Verdict::any},
    {"last protocol assignment", "192.0.0.255", Class::reserved, Verdict::any},
    {"between assignments and examples", "192.0.1.0", Class::global, Verdict::everywhere},
    {"first example of TEST-NET-1", "192.0.2.0", Class::documentation, Verdict::any},
    {"last example of TEST-NET-1", "192.0.2.255", Class::documentation, Verdict::any},
    {"after TEST-NET-1", "192.0.3.0", Class::global, Verdict::everywhere},
    {"6to4 relays, withdrawn", "192.88.99.1", Class::reserved, Verdict::any},
    {"before 192.168/16", "192.167.255.255", Class::global, Verdict::everywhere},
    {"first of 192.168/16", "192.168.0.0", Class::private_use, Verdict::lan},
    {"last of 192.168/16", "192.168.255.255", Class::private_use, Verdict::lan},
    {"after 192.168/16", "192.169.0.0", Class::global, Verdict::everywhere},
    {"before benchmarks", "198.17.255.255", Class::global, Verdict::everywhere},
    {"first of benchmarks", "198.18.0.0", Class::benchmark, Verdict::any},
    {"last of benchmarks", "198.19.255.255", Class::benchmark, Verdict::any},
    {"after benchmarks", "198.20.0.0", Class::global, Verdict::everywhere},
    {"TEST-NET-2", "198.51.100.7", Class::documentation, Verdict::any},
    {"after TEST-NET-2", "198.51.101.0", Class::global, Verdict::everywhere},
    {"TEST-NET-3", "203.0.113.7", Class::documentation, Verdict::any},
    {"after TEST-NET-3", "203.0.114.0", Class::global, Verdict::everywhere},
    {"before multicast", "223.255.255.255", Class::global, Verdict::everywhere},
    {"first of multicast", "224.0.0.0", Class::multicast, Verdict::any},
    {"name service by multicast", "224.0.0.251", Class::multicast, Verdict::any},
    {"last of multicast", "239.255.255.255", Class::multicast, Verdict::any},
    {"first of the future's block", "240.0.0.0", Class::reserved, Verdict::any},
    {"last of the future's block", "255.255.255.254", Class::reserved, Verdict::any},
    {"broadcast", "255.255.255.255", Class::broadcast, Verdict::any},

    {"IPv6 name server", "2001:4860:4860::8888", Class::global, Verdict::everywhere},
    {"first of the routed eighth", "2000::", Class::global, Verdict::everywhere},
    {"unspecified", "::", Class::unspecified, Verdict::any},
    {"loopback", "::1", Class::loopback, Verdict::any},
    {"before the routed eighth", "1fff:ffff::1", Class::reserved, Verdict::any},
    {"after the routed eighth", "4000::1", Class::reserved, Verdict::any},
    {"discard-only", "100::1", Class::reserved, Verdict::any},
    {"first of unique local", "fc00::", Class::private_use, Verdict::lan},
    {"unique local", "fd12:3456:789a::1", Class::private_use, Verdict::lan},
    {"last of unique local", "fdff:ffff::1", Class::private_use, Verdict::lan},
    {"after unique local", "fe00::1", Class::reserved, Verdict::any},
    {"metadata among unique local", "fd00:ec2::254", Class::private_use, Verdict::any},
    {"the same with a zone", "fd00:ec2::254%1", Class::private_use, Verdict::any},
    {"another of the same provider's", "fd00:ec2::23", Class::private_use, Verdict::any},
    {"behind that provider's block", "fd00:ec3::254", Class::private_use, Verdict::lan},
    {"metadata of a second provider", "fd20:ce::254", Class::private_use, Verdict::any},
    {"its neighbour", "fd20:ce::253", Class::private_use, Verdict::lan},
    {"metadata of a third provider", "fd00:42::42", Class::private_use, Verdict::any},
    {"a provider's service on a global address", "168.63.129.16", Class::global, Verdict::any},
    {"the same, mapped", "::ffff:168.63.129.16", Class::global, Verdict::any},
    {"its neighbour", "168.63.129.17", Class::global, Verdict::everywhere},
    {"metadata of a fourth provider", "fd00:c1::a9fe:a9fe", Class::private_use, Verdict::any},
    {"metadata of a fifth provider", "fd00:a9fe:a9fe::1", Class::private_use, Verdict::any},
    {"metadata of a sixth provider", "fd00:100::100:200", Class::private_use, Verdict::any},
    {"first of link-local", "fe80::", Class::link_local, Verdict::any},
    {"link-local with a zone", "fe80::1%1", Class::link_local, Verdict::any},
    {"last of link-local", "febf:ffff::1", Class::link_local, Verdict::any},
    {"site-local, withdrawn", "fec0::1", Class::reserved, Verdict::any},
    {"multicast", "ff02::1", Class::multicast, Verdict::any},
    {"multicast of all scopes", "ff0e::1", Class::multicast, Verdict::any},
    {"examples", "2001:db8::1", Class::documentation, Verdict::any},
    {"after the examples", "2001:db9::1", Class::global, Verdict::everywhere},
    {"newer examples", "3fff::1", Class::documentation, Verdict::any},
    {"last of the newer examples", "3fff:fff:ffff::1", Class::documentation, Verdict::any},
    {"after the newer examples", "3fff:1000::1", Class::global, Verdict::everywhere},
    {"benchmarks", "2001:2::1", Class::benchmark, Verdict::any},
    {"after benchmarks", "2001:2:1::1", Class::global, Verdict::everywhere},

    {"mapped global", "::ffff:8.8.8.8", Class::global, Verdict::everywhere},
    {"mapped loopback", "::ffff:127.0.0.1", Class::loopback, Verdict::any},
    {"mapped private", "::ffff:10.0.0.1", Class::private_use, Verdict::lan},
    {"mapped link-local", "::ffff:169.254.169.254", Class::link_local, Verdict::any},
    {"mapped metadata of the shared block", "::ffff:100.100.100.200", Class::shared, Verdict::any},
    {"mapped unspecified", "::ffff:0.0.0.0", Class::unspecified, Verdict::any},
    {"translated loopback", "::ffff:0:127.0.0.1", Class::loopback, Verdict::any},
    {"compatible loopback", "::127.0.0.1", Class::loopback, Verdict::any},
    {"compatible private", "::10.0.0.1", Class::private_use, Verdict::lan},
    {"compatible, low", "::2", Class::unspecified, Verdict::any},
    {"NAT64 global", "64:ff9b::8.8.8.8", Class::global, Verdict::everywhere},
    {"NAT64 loopback", "64:ff9b::127.0.0.1", Class::loopback, Verdict::any},
    {"NAT64 private", "64:ff9b::192.168.1.1", Class::private_use, Verdict::lan},
    {"NAT64 metadata of the shared block", "64:ff9b::100.100.100.200", Class::shared, Verdict::any},
    {"local NAT64", "64:ff9b:1::10.0.0.1", Class::reserved, Verdict::any},
    {"6to4 global", "2002:808:808::1", Class::global, Verdict::everywhere},
    {"6to4 loopback", "2002:7f00:1::1", Class::loopback, Verdict::any},
    {"6to4 private", "2002:c0a8:101::1", Class::private_use, Verdict::lan},
    {"6to4 link-local", "2002:a9fe:a9fe::1", Class::link_local, Verdict::any},
    // Teredo carries the client's address inverted in its last four bytes.
    {"Teredo loopback", "2001:0:4136:e378:8000:63bf:80ff:fffe", Class::loopback, Verdict::any},
    {"Teredo private", "2001:0:4136:e378:8000:63bf:3f57:fefe", Class::private_use, Verdict::lan},
    {"Teredo global", "2001:0:4136:e378:8000:63bf:f7f7:f7f7", Class::global, Verdict::everywhere},
    // ISATAP: any prefix, then 0:5efe or 200:5efe and the machine behind the tunnel.
    {"ISATAP loopback", "2001:4860::5efe:127.0.0.1", Class::loopback, Verdict::any},
    {"ISATAP private", "2001:4860::200:5efe:10.0.0.1", Class::private_use, Verdict::lan},
    {"ISATAP global", "2001:4860::200:5efe:8.8.8.8", Class::global, Verdict::everywhere},
    {"ISATAP loopback, unique local", "fd12:3456::5efe:127.0.0.1", Class::loopback, Verdict::any},
    {"ISATAP global, unique local", "fd12::5efe:8.8.8.8", Class::private_use, Verdict::lan},
    {"ISATAP global, link-local", "fe80::5efe:8.8.8.8", Class::link_local, Verdict::any},
    {"ISATAP metadata", "2001:4860::5efe:100.100.100.200", Class::shared, Verdict::any},
    {"ISATAP loopback behind 6to4", "2002:808:808::5efe:127.0.0.1", Class::loopback, Verdict::any},
    {"no ISATAP", "2001:4860::100:5efe:127.0.0.1", Class::global, Verdict::everywhere},
};

}  // namespace

TEST_CASE("Every kind of address is told apart and refused or dialled by the setting",
          "[upstream][unit]") {
  for (const auto& row : kRows) {
    INFO(row.why << ": " << row.address);
    boost::system::error_code invalid;
    const auto address = boost::asio::ip::make_address(row.address, invalid);
    REQUIRE_FALSE(invalid);
    CHECK(to_string(classify(address)) == to_string(row.address_class));
    CHECK(may_dial(address, Reach::public_only) == (row.verdict == Verdict::everywhere));
    CHECK(may_dial(address, Reach::lan) == (row.verdict != Verdict::any));
    CHECK(may_dial(address, Reach::any));
  }
}

TEST_CASE("Every class of addresses has a name of its own", "[upstream][unit]") {
  std::vector<std::string> names;
  for (int value = 0; value <= static_cast<int>(Class::reserved); ++value) {
    names.emplace_back(to_string(static_cast<Class>(value)));
    CHECK_FALSE(names.back().empty());
    CHECK(std::count(names.begin(), names.end(), names.back()) == 1);
  }
}

TEST_CASE("known_address sees through every spelling of an address", "[upstream][unit]") {
  struct Known {
    const char* host;
    const char* address;  ///< empty: a name that has to be looked up
  };
  const Known rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1.", "192.0.2.1"},
      {"127.1", "127.0.0.1"},
      {"2130706433", "127.0.0.1"},
      {"0x7f.1", "127.0.0.1"},
      {"0177.0.0.1", "127.0.0.1"},
      {"0", "0.0.0.0"},
      {"::1", "::1"},
      {"::ffff:127.0.0.1", "::ffff:127.0.0.1"},
      {"localhost", "127.0.0.1"},
      {"LocalHost.", "127.0.0.1"},
      {"a.b.localhost", "127.0.0.1"},
      {"localhost.example", ""},
      {"notlocalhost", ""},
      {"example.com", ""},
      {"1.2.3.4.5", ""},
      {"127.0.0.256", ""},
      {"", ""},
  };
  for (const auto& row : rows) {
    INFO(row.host);
    const auto address = known_address(row.host);
    CHECK((address ? address->to_string() : "") == row.address);
  }
}

}  // namespace sluice::upstream
