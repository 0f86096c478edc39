#include "sluice/app/listen_address.hpp"

#include "support/catch.hpp"

namespace sluice::app {
namespace {

TEST_CASE("split_host_and_port takes the forms of --listen apart", "[app][unit]") {
  struct Row {
    const char* why;
    const char* text;
    const char* host;
    const char* port;
  };
  const Row rows[] = {
      {"IPv4", "127.0.0.1:8888", "127.0.0.1", "8888"},
      {"any IPv4 address, any port", "0.0.0.0:0", "0.0.0.0", "0"},
      {"IPv6 in brackets", "[::1]:8888", "::1", "8888"},
      {"every IPv6 address", "[::]:1", "::", "1"},
      {"a name, judged later", "localhost:8888", "localhost", "8888"},
      {"no host is every IPv4 address", ":8888", "0.0.0.0", "8888"},
      {"the port is judged later", "1.2.3.4:http", "1.2.3.4", "http"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why, row.text);
    const auto split = split_host_and_port(row.text);
    REQUIRE(split.has_value());
    CHECK(split->host == row.host);
    CHECK(split->port == row.port);
  }
}

TEST_CASE("split_host_and_port refuses what is no HOST:PORT", "[app][unit]") {
  struct Row {
    const char* why;
    const char* text;
  };
  const Row rows[] = {
      {"empty", ""},
      {"only a colon", ":"},
      {"no port", "127.0.0.1"},
      {"an empty port", "127.0.0.1:"},
      {"only a port", "8888"},
      {"IPv6 without brackets", "::1:8888"},
      {"IPv6 in brackets without a port", "[::1]"},
      {"brackets around IPv4", "[127.0.0.1]:80"},
      {"brackets around nothing", "[]:80"},
      {"a bracket left open", "[::1:80"},
      {"a bracket never opened", "::1]:80"},
      {"a URL", "http://127.0.0.1:80"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why, row.text);
    const auto split = split_host_and_port(row.text);
    REQUIRE(split.has_error());
    CHECK(split.error().text ==
          "expected HOST:PORT, such as 127.0.0.1:8888, [::1]:8888 or :8888, got \"" +
              std::string(row.text) + "\"");
  }
}

TEST_CASE("parse_listen_host takes addresses and localhost only", "[app][unit]") {
  CHECK(parse_listen_host("192.0.2.1") == "192.0.2.1");
  CHECK(parse_listen_host("2001:db8::1") == "2001:db8::1");
  CHECK(parse_listen_host("localhost") == "127.0.0.1");
  CHECK(parse_listen_host("LocalHost") == "127.0.0.1");
  for (const std::string_view text :
       {std::string_view(""), std::string_view("example.org"), std::string_view("[::1]"),
        std::string_view("1.2.3"), std::string_view("1.2.3.4 "), std::string_view("fe80::1%eth0"),
        std::string_view("127.0.0.1\0.evil", 14)}) {
    CAPTURE(text);
    CHECK(parse_listen_host(text) == std::nullopt);
  }
}

TEST_CASE("is_exposed is to serve other machines without a password", "[app][unit]") {
  struct Row {
    const char* why;
    const char* password;
    bool open;
    const char* address;
    bool want;
  };
  for (const auto& row : {Row{"every address", "", false, "0.0.0.0", true},
                          Row{"every IPv6 address", "", false, "::", true},
                          Row{"one address", "", false, "192.0.2.1", true},
                          Row{"loopback", "", false, "127.0.0.1", false},
                          Row{"loopback written as IPv6", "", false, "::ffff:127.0.0.1", false},
                          Row{"a password", "orchid", false, "0.0.0.0", false},
                          Row{"allowed", "", true, "0.0.0.0", false}}) {
    INFO(row.why);
    sluice::access::Settings auth;
    auth.api_password = row.password;
    auth.open = row.open;
    CHECK(is_exposed(auth, row.address) == row.want);
  }
}

TEST_CASE("is_loopback knows every spelling of loopback", "[app][unit]") {
  struct Row {
    const char* address;
    bool want;
  };
  const Row rows[] = {
      {"127.0.0.1", true},
      {"127.255.255.254", true},
      {"::1", true},
      {"0:0:0:0:0:0:0:1", true},
      {"::ffff:127.0.0.1", true},
      {"::ffff:127.9.8.7", true},
      {"0.0.0.0", false},
      {"128.0.0.1", false},
      {"::", false},
      {"::2", false},
      {"::1:0:1", false},
      {"::ffff:10.0.0.1", false},
      {"::127.0.0.1", false},
      {"localhost", false},
      {"", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.address);
    CHECK(is_loopback(row.address) == row.want);
  }
}

}  // namespace
}  // namespace sluice::app
