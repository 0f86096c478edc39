#include "sluice/upstream/transport_routes.hpp"

#include <string>

#include "support/catch.hpp"

namespace sluice::upstream {
namespace {

/// "p2", "direct", "p2 unchecked", ...: how `url` is reached.
std::string way(const TransportRoutes& routes, const std::string& url) {
  const auto parsed = Url::parse(url);
  INFO(url);
  REQUIRE(parsed.has_value());
  const auto route = routes.find(*parsed);
  CHECK((route.proxy == nullptr) == (route.proxy_number == 0));
  return (route.proxy ? route.proxy->host : std::string("direct")) +
         (route.verify ? "" : " unchecked");
}

/// A rule with the proxy socks5://<host>, or the default one when `host` is empty.
RouteRule to(std::string pattern, const std::string& host = "p2", bool verify = true) {
  return {std::move(pattern), true, host.empty() ? "" : "socks5://" + host, verify};
}
RouteRule direct(std::string pattern) {
  return {std::move(pattern), false, "", true};
}

struct Row {
  const char* why;
  std::vector<RouteRule> rules;
  const char* url;
  const char* want;
  bool all_proxy = true;
  std::string proxy_url = "http://p1";
};

void check(const Row& row) {
  INFO(row.why);
  const auto routes = TransportRoutes::make({row.proxy_url, row.all_proxy, row.rules}, true);
  INFO((routes ? "" : routes.error().context));
  REQUIRE(routes.has_value());
  CHECK(way(*routes, row.url) == row.want);
}

}  // namespace

TEST_CASE("TransportRoutes decides the contract's examples", "[upstream][unit]") {
  const Row rows[] = {
      {"own host goes direct",
       {direct("https://internal.example")},
       "https://internal.example/x",
       "direct"},
      {"another scheme is not matched",
       {direct("https://internal.example")},
       "http://internal.example/x",
       "p1"},
      {"wildcard with any port",
       {to("all://*.cdn.example", "p2", false)},
       "https://a.b.cdn.example:8443/",
       "p2 unchecked",
       false,
       ""},
      {"wildcard's apex",
       {to("all://*.cdn.example", "p2", false)},
       "https://cdn.example/",
       "p2 unchecked",
       false,
       ""},
      {"not a part of a label",
       {to("all://*.cdn.example", "p2", false)},
       "https://xcdn.example/",
       "direct",
       false,
       ""},
      {"port of any host", {direct("all://*:1234")}, "http://h:1234/", "direct"},
      {"every host, without a default proxy",
       {{"all://", true, "", false}},
       "https://a.example/",
       "direct unchecked",
       false,
       ""},
      {"every host, with a default proxy",
       {{"all://", true, "", false}},
       "https://a.example/",
       "p1 unchecked"},
  };
  for (const auto& row : rows) check(row);
}

TEST_CASE("TransportRoutes finds what is the default", "[upstream][unit]") {
  const Row rows[] = {
      {"nothing set", {}, "http://a/", "direct", false, ""},
      {"a proxy alone is used for nothing", {}, "http://a/", "direct", false},
      {"a proxy for all", {}, "http://a/", "p1"},
      {"all through no proxy", {}, "http://a/", "direct", true, ""},
      {"a route without own proxy takes the default one",
       {to("all://a", "")},
       "http://a/",
       "p1",
       false},
      {"which may be none", {to("all://a", "")}, "http://a/", "direct", false, ""},
      {"proxy = false wins over an own proxy",
       {{"all://a", false, "socks5://p2", true}},
       "http://a/",
       "direct"},
      {"verification off and direct",
       {{"all://a", false, "", false}},
       "https://a/",
       "direct unchecked"},
  };
  for (const auto& row : rows) check(row);
}

TEST_CASE("TransportRoutes matches hosts", "[upstream][unit]") {
  const Row rows[] = {
      {"case of the URL", {to("all://a.example")}, "http://A.Example/", "p2"},
      {"case of the pattern", {to("ALL://A.EXAMPLE")}, "http://a.example/", "p2"},
      {"scheme in capitals", {to("HTTPS://a")}, "https://a/", "p2"},
      {"no subdomain of an exact host", {to("all://a.example")}, "http://x.a.example/", "p1"},
      {"no host that begins like it",
       {to("https://example.com")},
       "https://example.com.evil.net/",
       "p1"},
      {"no host that ends like it", {to("all://example.com")}, "http://badexample.com/", "p1"},
      {"userinfo is not the host", {to("all://a")}, "http://a@b/", "p1"},
      {"userinfo with a password is not the host", {to("all://a")}, "http://a:80@b/", "p1"},
      {"userinfo does not hide the host", {to("all://a")}, "http://u:p@a/", "p2"},
      {"path is not the host", {to("all://a")}, "http://b/a", "p1"},
      {"query is not the host", {to("all://*.a")}, "http://b?x.a", "p1"},
      {"a dot at the URL's end", {to("all://a.example")}, "http://a.example./", "p2"},
      {"a dot at the pattern's end", {to("all://a.example.")}, "http://a.example/", "p2"},
      {"a dot at a wildcard's end", {to("all://*.example")}, "http://a.example./", "p2"},
      {"IPv4", {to("all://192.0.2.1")}, "http://192.0.2.1:99/", "p2"},
      {"IPv6", {to("all://[2001:db8::1]")}, "http://[2001:db8::1]/", "p2"},
      {"IPv6 spelled otherwise",
       {to("all://[2001:DB8:0::1]")},
       "http://[2001:db8:0:0:0:0:0:1]/",
       "p2"},
      {"IPv6 with port", {to("all://[::1]:81")}, "http://[::1]:81/", "p2"},
      {"IPv6 with another port", {to("all://[::1]:81")}, "http://[::1]:82/", "p1"},
      {"another IPv6", {to("all://[::1]")}, "http://[::2]/", "p1"},
      {"an IPv6 URL and a wildcard", {to("all://*.1")}, "http://[::1]/", "p1"},
      {"star alone is every host", {to("all://*")}, "http://anything/", "p2"},
      {"nothing is every host of the scheme", {to("https://")}, "https://anything/", "p2"},
      {"but not of the other", {to("https://")}, "http://anything/", "p1"},
      {"port alone", {to("all://:8080")}, "http://a:8080/", "p2"},
      {"a label of a wildcard may be empty nowhere", {to("all://*.b")}, "http://.b/", "p2"},
      {"underscore", {to("all://my_host")}, "http://my_host/", "p2"},
  };
  for (const auto& row : rows) check(row);
}

TEST_CASE("TransportRoutes matches ports", "[upstream][unit]") {
  const Row rows[] = {
      {"exact", {to("all://a:81")}, "http://a:81/", "p2"},
      {"another", {to("all://a:81")}, "http://a/", "p1"},
      {"the scheme's default, not written", {to("all://a:80")}, "http://a/", "p2"},
      {"https's default, not written", {to("all://a:443")}, "https://a/", "p2"},
      {"80 is not https's default", {to("all://a:80")}, "https://a/", "p1"},
      {"no port is every port", {to("all://a")}, "http://a:9/", "p2"},
      {"of a wildcard", {to("all://*.a:81")}, "http://x.a:81/", "p2"},
      {"of a wildcard, another", {to("all://*.a:81")}, "http://x.a/", "p1"},
      {"a longer number", {to("all://a:81")}, "http://a:8100/", "p1"},
  };
  for (const auto& row : rows) check(row);
}

TEST_CASE("TransportRoutes matches beginnings of paths", "[upstream][unit]") {
  const Row rows[] = {
      {"same", {to("all://a/v1")}, "http://a/v1", "p2"},
      {"below", {to("all://a/v1")}, "http://a/v1/x", "p2"},
      {"with query", {to("all://a/v1")}, "http://a/v1?x", "p2"},
      {"a longer segment", {to("all://a/v1")}, "http://a/v10", "p1"},
      {"a slash at its end", {to("all://a/v1/")}, "http://a/v1/x", "p2"},
      {"a slash at its end is needed then", {to("all://a/v1/")}, "http://a/v1", "p1"},
      {"another case", {to("all://a/v1")}, "http://a/V1", "p1"},
      {"not in the query", {to("all://a/v1")}, "http://a/?/v1", "p1"},
      {"a slash alone is no path", {to("all://a/")}, "http://a", "p2"},
      {"any host", {to("all:///live")}, "http://a/live/x", "p2"},
  };
  for (const auto& row : rows) check(row);
}

TEST_CASE("TransportRoutes prefers the more specific pattern, wherever it stands",
          "[upstream][unit]") {
  struct Pair {
    const char* why;
    const char* stronger;
    const char* weaker;
    const char* url;
  };
  const Pair pairs[] = {
      {"host and port over host", "all://a.b.c:80", "all://a.b.c", "http://a.b.c/p/q"},
      {"host and port over host with scheme and path", "all://a.b.c:80", "http://a.b.c/p/q",
       "http://a.b.c/p/q"},
      {"host over wildcard", "all://a.b.c", "http://*.a.b.c:80/p", "http://a.b.c/p/q"},
      {"longer wildcard over shorter", "all://*.b.c", "all://*.c", "http://a.b.c/p/q"},
      {"longer wildcard over shorter with port", "all://*.b.c", "http://*.c:80/p",
       "http://a.b.c/p/q"},
      {"wildcard with port over the same without", "all://*.c:80", "http://*.c/p",
       "http://a.b.c/p/q"},
      {"wildcard over port", "all://*.c", "http://*:80/p", "http://a.b.c/p/q"},
      {"port over every host", "all://*:80", "http:///p", "http://a.b.c/p/q"},
      {"longer path over shorter", "all://a.b.c/p/q", "http://a.b.c/p", "http://a.b.c/p/q"},
      {"path over none", "all://a.b.c/p", "http://a.b.c", "http://a.b.c/p/q"},
      {"scheme over all", "http://a.b.c", "all://a.b.c", "http://a.b.c/p/q"},
      {"scheme over all for every host", "http://", "all://", "http://a.b.c/p/q"},
      {"wildcard at its apex over every host", "all://*.a.b.c", "http://", "http://a.b.c/p/q"},
  };
  for (const auto& pair : pairs) {
    check({pair.why, {to(pair.stronger), to(pair.weaker, "p3")}, pair.url, "p2"});
    check({pair.why, {to(pair.weaker, "p3"), to(pair.stronger)}, pair.url, "p2"});
  }
  check({"equals: the first", {to("all://a"), to("all://a", "p3")}, "http://a/", "p2"});
  check({"equals: the first, other way round",
         {to("all://a", "p3"), to("all://a")},
         "http://a/",
         "p3"});
  check({"equals but for spelling: the first",
         {to("all://A."), to("all://a/", "p3")},
         "http://a/",
         "p2"});
  check({"what does not match does not count",
         {to("https://a:81", "p3"), to("all://")},
         "http://a/",
         "p2"});
}

TEST_CASE("TransportRoutes switches verification off by route or everywhere", "[upstream][unit]") {
  const ProxySettings settings{"", false, {to("all://a", "", false), to("all://b", "", true)}};
  const auto checked = TransportRoutes::make(settings, true);
  REQUIRE(checked.has_value());
  CHECK(way(*checked, "https://a/") == "direct unchecked");
  CHECK(way(*checked, "https://b/") == "direct");
  CHECK(way(*checked, "https://c/") == "direct");
  const auto never = TransportRoutes::make(settings, false);
  REQUIRE(never.has_value());
  for (const auto* url : {"https://a/", "https://b/", "https://c/"}) {
    CHECK(way(*never, url) == "direct unchecked");
  }
  CHECK(way(TransportRoutes(), "https://a/") == "direct");
}

TEST_CASE("TransportRoutes tells proxies apart by their login, too", "[upstream][unit]") {
  const auto routes = TransportRoutes::make({"http://u:one@p",
                                             false,
                                             {{"all://a", true, "http://u:one@P:80/", true},
                                              {"all://b", true, "http://u:two@p", true},
                                              {"all://c", true, "", true},
                                              {"all://d", true, "https://u:one@p:80", true}}},
                                            true);
  REQUIRE(routes.has_value());
  const auto number = [&](const char* url) { return routes->find(*Url::parse(url)).proxy_number; };
  CHECK(number("http://a/") == number("http://c/"));
  CHECK(number("http://a/") != number("http://b/"));
  CHECK(number("http://a/") != number("http://d/"));
  CHECK(number("http://b/") != number("http://d/"));
  CHECK(number("http://elsewhere/") == 0);
}

TEST_CASE("TransportRoutes refuses patterns and proxies it cannot use", "[upstream][unit]") {
  struct Refused {
    const char* pattern;
    const char* why;
  };
  const Refused rows[] = {
      {"", "no ://"},
      {"a.example", "no ://"},
      {"*", "no ://"},
      {"ftp://a", "scheme"},
      {"://a", "scheme"},
      {"socks5://a", "scheme"},
      {"all://a:0", "port"},
      {"all://a:65536", "port"},
      {"all://a:", "port"},
      {"all://a:b", "port"},
      {"all://[::1", "without its ]"},
      {"all://[::1]x", "port"},
      {"all://[1.2.3.4]", "malformed IPv6"},
      {"all://::1", "port"},
      {"all://a.*", "a host that is no name"},
      {"all://*a.example", "a host that is no name"},
      {"all://*.*.a", "a host that is no name"},
      {"all://*.", "a host that is no name"},
      {"all://.a", "a host that is no name"},
      {"all://a..b", "a host that is no name"},
      {"all://a b", "a host that is no name"},
      {"all://\xc3\xa4", "a host that is no name"},
      {"all://u@a", "user"},
      {"all://a?b", "query"},
      {"all://a#b", "query"},
  };
  for (const auto& row : rows) {
    INFO(row.pattern);
    const auto routes = TransportRoutes::make({"", false, {{row.pattern}}}, true);
    REQUIRE(routes.has_error());
    CHECK(routes.error().code == Errc::bad_request);
    INFO(routes.error().context);
    CHECK(routes.error().context.find(row.why) != std::string::npos);
  }
  CHECK(TransportRoutes::make({"nonsense", false, {}}, true).has_error());
  CHECK(
      TransportRoutes::make({"", false, {{"all://a", true, "nonsense", true}}}, true).has_error());
}

}  // namespace sluice::upstream
