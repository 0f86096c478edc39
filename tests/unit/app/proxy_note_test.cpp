#include "sluice/app/proxy_note.hpp"

#include "support/catch.hpp"

namespace sluice::app {
namespace {

TEST_CASE("proxy_note says what goes through a proxy", "[app][unit]") {
  const std::string url = "http://me:hunter2@p.example:3128";
  const std::string shown = "http://********@p.example:3128";
  const std::string routes = "only for the routes of proxy.transport_routes";
  const std::string unused =
      "proxy.proxy_url (PROXY_URL) is set but nothing uses it: set ALL_PROXY=true or a route";
  const std::string missing = "proxy.all_proxy (ALL_PROXY) is set, but no proxy.proxy_url";
  const upstream::RouteRule shared{"all://a"};
  const upstream::RouteRule own{"all://b", true, "http://me:hunter2@q"};
  const upstream::RouteRule direct{"all://c", false};
  const upstream::RouteRule direct_with_url{"all://c", false, url};
  struct Row {
    const char* why;
    upstream::ProxySettings settings;
    std::string text;  ///< without "outgoing proxy: "
  };
  const Row rows[] = {
      {"nothing set", {}, ""},
      {"everything", {url, true, {}}, "all requests go through " + shown},
      {"everything but some",
       {url, true, {direct}},
       "all requests without a route of their own go through " + shown},
      {"mistaken for our own address", {url, false, {}}, unused},
      {"only a route that goes directly", {url, false, {direct_with_url}}, unused},
      {"a route with the shared proxy", {url, false, {shared}}, routes},
      {"a route with its own", {"", false, {own}}, routes},
      {"routes that do not use the shared one", {url, false, {own}}, routes + "; " + unused},
      {"a route without any proxy", {"", false, {shared}}, ""},
      {"all through nothing", {"", true, {}}, missing},
      {"all through nothing but a route", {"", true, {own}}, routes + "; " + missing},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const std::string want = row.text.empty() ? "" : "outgoing proxy: " + row.text;
    CHECK(proxy_note(row.settings) == want);
  }
}

}  // namespace
}  // namespace sluice::app
