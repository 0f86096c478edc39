#include "sluice/upstream/outgoing_proxy.hpp"

#include "support/catch.hpp"

namespace sluice::upstream {

TEST_CASE("parse_proxy_url reads kind, host, port and login", "[upstream][unit]") {
  struct Row {
    const char* why;
    const char* url;
    OutgoingProxy want;
  };
  const Row rows[] = {
      {"http without port", "http://p.example", {ProxyKind::http, "p.example", 80, {}}},
      {"https without port", "https://p.example", {ProxyKind::https, "p.example", 443, {}}},
      {"socks4 without port", "socks4://p", {ProxyKind::socks4, "p", 1080, {}}},
      {"socks4a without port", "socks4a://p", {ProxyKind::socks4a, "p", 1080, {}}},
      {"socks5 without port", "socks5://p", {ProxyKind::socks5, "p", 1080, {}}},
      {"socks5h without port", "socks5h://p", {ProxyKind::socks5h, "p", 1080, {}}},
      {"port", "http://p:3128", {ProxyKind::http, "p", 3128, {}}},
      {"a port that another kind has by default",
       "socks5://p:80",
       {ProxyKind::socks5, "p", 80, {}}},
      {"and the other", "socks5://p:443", {ProxyKind::socks5, "p", 443, {}}},
      {"https on http's port", "https://p:80", {ProxyKind::https, "p", 80, {}}},
      {"an empty port", "socks5://p:", {ProxyKind::socks5, "p", 1080, {}}},
      {"a slash at the end", "http://p:1/", {ProxyKind::http, "p", 1, {}}},
      {"capitals", "SOCKS5H://P.Example", {ProxyKind::socks5h, "p.example", 1080, {}}},
      {"IPv6", "socks5://[::1]:9", {ProxyKind::socks5, "::1", 9, {}}},
      {"user and password", "http://u:p@h", {ProxyKind::http, "h", 80, {"u", "p"}}},
      {"encoded", "socks5://u%40x:p%3A%2f%25@h", {ProxyKind::socks5, "h", 1080, {"u@x", "p:/%"}}},
      {"a colon in the password", "http://u:a:b@h", {ProxyKind::http, "h", 80, {"u", "a:b"}}},
      {"user only", "socks4://u@h", {ProxyKind::socks4, "h", 1080, {"u", ""}}},
      {"an empty password", "socks5://u:@h", {ProxyKind::socks5, "h", 1080, {"u", ""}}},
      {"nobody", "http://@h", {ProxyKind::http, "h", 80, {}}},
      {"plus is no space", "http://a+b:c@h", {ProxyKind::http, "h", 80, {"a+b", "c"}}},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto proxy = parse_proxy_url(row.url);
    INFO((proxy ? "" : proxy.error().context));
    REQUIRE(proxy.has_value());
    CHECK(*proxy == row.want);
  }
}

TEST_CASE("parse_proxy_url refuses what is no proxy, without showing it", "[upstream][unit]") {
  struct Row {
    const char* url;
    const char* why;
  };
  const std::string long_user = "http://" + std::string(256, 'u') + ":hunter2@h";
  const Row rows[] = {
      {"", "a scheme other than"},
      {"proxy.example:3128", "a scheme other than"},
      {"http", "a scheme other than"},
      {"ftp://u:hunter2@h", "a scheme other than"},
      {"socks://h", "a scheme other than"},
      {"socks6://h", "a scheme other than"},
      {"http:h", "without //"},
      {"http://", "without a host"},
      {"http://u:hunter2@", "without a host"},
      {"http://h:0", "port outside"},
      {"http://h:65536", "port outside"},
      {"http://h:port", "port outside"},
      {"http://[::1", "unclosed ["},
      {"http://h h", "forbidden character"},
      {"http://u:hunter2@x@h", "forbidden character"},
      {"http://h/path", "something after"},
      {"http://u:hunter2/x@h", "port outside"},
      {"http://h?q", "something after"},
      {"http://h#f", "something after"},
      {"http://u:hunter2%0d%0a@h", "control character"},
      {"http://:hunter2@h", "without a user"},
      {"socks4://u:hunter2@h", "SOCKS 4"},
      {"socks4a://u:hunter2@h", "SOCKS 4"},
      {"http://a%3Ab:hunter2@h", "colon in the user"},
      {long_user.c_str(), "255"},
  };
  for (const auto& row : rows) {
    INFO(row.url);
    const auto proxy = parse_proxy_url(row.url);
    REQUIRE(proxy.has_error());
    CHECK(proxy.error().code == Errc::bad_url);
    INFO(proxy.error().context);
    CHECK(proxy.error().context.find(row.why) != std::string::npos);
    CHECK(proxy.error().context.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("mask_proxy_url hides logins and nothing else", "[upstream][unit]") {
  CHECK(mask_proxy_url("") == "");
  CHECK(mask_proxy_url("http://h:1") == "http://h:1");
  CHECK(mask_proxy_url("http://u:p@h:1") == "http://********@h:1");
  CHECK(mask_proxy_url("socks5://u@x:p@h") == "socks5://********@h");
  CHECK(mask_proxy_url("u:p@h") == "********@h");
  CHECK(mask_proxy_url("u:p@h://x") == "********@h://x");
}

}  // namespace sluice::upstream
