#include "sluice/app/routes_value.hpp"

#include "sluice/app/settings_load.hpp"
#include "support/catch.hpp"

namespace sluice::app {
namespace {

using upstream::RouteRule;
using Rules = std::vector<RouteRule>;

/// The routes that are in effect after this file.
Rules load(std::string_view toml) {
  SourcedSettings settings;
  const auto loaded = load_settings_text(toml, "f.toml", settings);
  INFO(toml);
  INFO((loaded ? "" : loaded.error().text));
  REQUIRE(loaded.has_value());
  return settings.values().proxy.transport_routes;
}

Rules set(const std::string& json) {
  SourcedSettings settings;
  const auto done = settings.assign("proxy.transport_routes", PlainText{json}, "--set");
  INFO(json);
  INFO((done ? "" : done.error().text));
  REQUIRE(done.has_value());
  return settings.values().proxy.transport_routes;
}

const Rules kTwo = {{"all://*.z.example", true, "socks5://u:p@p:1080", false},
                    {"https://a.example", false, "", true}};

}  // namespace

TEST_CASE("Routes are the same in every way they can be written", "[app][unit]") {
  const char* files[] = {
      "[proxy.transport_routes.\"all://*.z.example\"]\n"
      "proxy_url = \"socks5://u:p@p:1080\"\nverify_ssl = false\n"
      "[proxy.transport_routes.\"https://a.example\"]\nproxy = false\n",
      "[proxy]\n[proxy.transport_routes]\n"
      "\"all://*.z.example\" = { proxy = true, proxy_url = \"socks5://u:p@p:1080\", "
      "verify_ssl = false }\n\"https://a.example\" = { proxy = false, proxy_url = \"\" }\n",
      "proxy.transport_routes = { \"all://*.z.example\" = { verify_ssl = false, proxy_url = "
      "\"socks5://u:p@p:1080\" }, \"https://a.example\" = { proxy = false } }",
      "[proxy]\ntransport_routes.\"all://*.z.example\".proxy_url = \"socks5://u:p@p:1080\"\n"
      "transport_routes.\"all://*.z.example\".verify_ssl = false\n"
      "transport_routes.\"https://a.example\".proxy = false\n",
      "[proxy]\ntransport_routes = '''{\"all://*.z.example\": {\"proxy_url\": "
      "\"socks5://u:p@p:1080\", \"verify_ssl\": false}, \"https://a.example\": {\"proxy\": "
      "false}}'''\n",
  };
  for (const auto* file : files) CHECK(load(file) == kTwo);
  CHECK(set(R"({"all://*.z.example": {"proxy_url": "socks5://u:p@p:1080", "verify_ssl": false},
                "https://a.example": {"proxy": false, "proxy_url": null}})") == kTwo);
}

TEST_CASE("Routes keep the order of their declaration, not of the alphabet", "[app][unit]") {
  CHECK(load("proxy.transport_routes = { \"all://b\" = {}, \"all://a\" = {} }") ==
        Rules{{"all://b"}, {"all://a"}});
  CHECK(load("[proxy.transport_routes.\"all://b\"]\n[proxy.transport_routes.\"all://a\"]\n") ==
        Rules{{"all://b"}, {"all://a"}});
  CHECK(set(R"({"all://b": {}, "all://a": {}})") == Rules{{"all://b"}, {"all://a"}});
}

TEST_CASE("Routes of nothing are no routes", "[app][unit]") {
  CHECK(set("").empty());
  CHECK(set(" ").empty());
  CHECK(set("{}").empty());
  CHECK(load("[proxy.transport_routes]").empty());
  CHECK(load("[proxy]\ntransport_routes = \"\"").empty());
}

TEST_CASE("A route that cannot be used is refused with its place", "[app][unit]") {
  struct Row {
    const char* why;
    const char* toml;
    const char* text;
  };
  const Row rows[] = {
      {"unknown key", "[proxy.transport_routes.\"all://a\"]\nproxy = true\nproxi_url = \"x\"",
       "f.toml:3: proxy.transport_routes.\"all://a\".proxi_url: unknown key; a route has proxy, "
       "proxy_url and verify_ssl"},
      {"key in capitals", "[proxy.transport_routes.\"all://a\"]\nProxy = true",
       "f.toml:2: proxy.transport_routes.\"all://a\".\"Proxy\": unknown key; a route has proxy, "
       "proxy_url and verify_ssl"},
      {"no scheme", "\n[proxy.transport_routes.\"a.example\"]\nproxy = true",
       "f.toml:2: proxy.transport_routes.\"a.example\": expected a pattern such as "
       "\"all://*.example.com\", got no ://"},
      {"a pattern that may hold a login is not shown",
       "[proxy.transport_routes.\"all://me:hunter2@a\"]",
       "f.toml:1: proxy.transport_routes.\"all://********@a\": expected a pattern such as "
       "\"all://*.example.com\", got a user before the host, which plays no part"},
      {"proxy of another scheme", "[proxy.transport_routes.\"all://a\"]\nproxy_url = \"ftp://h\"",
       "f.toml:2: proxy.transport_routes.\"all://a\".proxy_url: expected the URL of a proxy, such "
       "as \"socks5h://user:password@host:1080\", got a scheme other than http, https, socks4, "
       "socks4a, socks5 and socks5h"},
      {"the second of two",
       "[proxy.transport_routes]\n\"all://a\" = {}\n\"all://b\" = { proxy = 1 }",
       "f.toml:3: proxy.transport_routes.\"all://b\".proxy: expected true or false, got an "
       "integer"},
      {"a flag in quotes", "[proxy.transport_routes.\"all://a\"]\nverify_ssl = \"false\"",
       "f.toml:2: proxy.transport_routes.\"all://a\".verify_ssl: expected true or false, got text"},
      {"a URL that is none", "[proxy.transport_routes.\"all://a\"]\nproxy_url = false",
       "f.toml:2: proxy.transport_routes.\"all://a\".proxy_url: expected the URL of a proxy in "
       "quotes, got a boolean"},
      {"a route that is its proxy",
       "[proxy.transport_routes]\n\"all://a\" = \"http://u:hunter2@p\"",
       "f.toml:2: proxy.transport_routes.\"all://a\": expected a table with proxy, proxy_url or "
       "verify_ssl, got text"},
      {"a list", "[proxy]\ntransport_routes = []",
       "f.toml:2: proxy.transport_routes: expected a table of \"scheme://host\" = { proxy, "
       "proxy_url, verify_ssl }, or that as JSON, got a list"},
      {"not JSON", "[proxy]\ntransport_routes = \"{hunter2\"",
       "f.toml:2: proxy.transport_routes: expected a table of \"scheme://host\" = { proxy, "
       "proxy_url, verify_ssl }, or that as JSON, got text that is not JSON: "},
      {"JSON of another type", "[proxy]\ntransport_routes = \"[1]\"",
       "f.toml:2: proxy.transport_routes: expected a table of \"scheme://host\" = { proxy, "
       "proxy_url, verify_ssl }, or that as JSON, got a list"},
      {"JSON in JSON", "[proxy]\ntransport_routes = '\"{}\"'",
       "f.toml:2: proxy.transport_routes: expected a table of \"scheme://host\" = { proxy, "
       "proxy_url, verify_ssl }, or that as JSON, got text"},
      {"a URL without quotes is not shown", "[proxy]\nproxy_url = hunter2",
       "f.toml:2: not valid TOML: the value of this line cannot be read; it has to be text in "
       "quotes"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    SourcedSettings settings;
    const auto loaded = load_settings_text(row.toml, "f.toml", settings);
    REQUIRE(loaded.has_error());
    const std::string& text = loaded.error().text;
    CHECK(text.substr(0, std::string_view(row.text).size()) == row.text);
    CHECK(text.find("hunter2") == std::string::npos);
    if (!std::string_view(row.text).ends_with("JSON: ")) CHECK(text == row.text);
    CHECK(settings.values().proxy.transport_routes.empty());
  }
}

TEST_CASE("Routes given as JSON are refused with the flag as their place", "[app][unit]") {
  SourcedSettings settings;
  const auto done = settings.assign("proxy.transport_routes",
                                    PlainText{R"({"all://a": {"verify": false}})"}, "--set");
  REQUIRE(done.has_error());
  CHECK(done.error().text ==
        "--set: proxy.transport_routes.\"all://a\".verify: unknown key; a route has proxy, "
        "proxy_url and verify_ssl");
}

TEST_CASE("Logins of proxies appear in no listing, and a listing can be read", "[app][unit]") {
  SourcedSettings settings;
  REQUIRE(settings.assign("proxy.proxy_url", PlainText{"https://me:hunter2@p.example:8443"}, "x")
              .has_value());
  REQUIRE(settings
              .assign("proxy.transport_routes",
                      PlainText{R"({"all://a": {"proxy_url": "socks5://me:hunter2@[::1]:1080"},
                                    "all://b": {"proxy_url": "http://open.example"}})"},
                      "x")
              .has_value());
  const auto listing = settings.to_toml();
  INFO(listing);
  CHECK(listing.find("hunter2") == std::string::npos);
  CHECK(listing.find("me:") == std::string::npos);
  CHECK(listing.find("proxy_url = \"https://********@p.example:8443\"") != std::string::npos);
  CHECK(listing.find("\"socks5://********@[::1]:1080\"") != std::string::npos);
  SourcedSettings read;
  REQUIRE(load_settings_text(listing, "f.toml", read).has_value());
  CHECK(read.values().proxy.transport_routes.at(1) ==
        RouteRule{"all://b", true, "http://open.example", true});
  const auto& key = *find_setting("proxy.transport_routes");
  CHECK(load("[proxy]\ntransport_routes = " + key.toml_value(settings.values())) ==
        settings.values().proxy.transport_routes);
}

}  // namespace sluice::app
