#include "sluice/app/setting_aliases.hpp"

#include <algorithm>

#include "sluice/app/environment.hpp"
#include "sluice/app/settings_load.hpp"
#include "sluice/upstream/transport_routes.hpp"
#include "support/catch.hpp"

namespace sluice::app {
namespace {

SourcedSettings applied(const std::vector<Variable>& variables) {
  SourcedSettings settings;
  const auto done = apply_variables(variables, settings);
  INFO((done ? "" : done.error().text));
  REQUIRE(done.has_value());
  return settings;
}

std::string value_of(const SourcedSettings& settings, std::string_view name) {
  return find_setting(name)->toml_value(settings.values());
}

TEST_CASE("Every setting has a variable of its own", "[app][unit]") {
  for (const SettingKey& key : setting_keys()) {
    CAPTURE(key.name);
    const std::string name = structured_name(key.name);
    CHECK(dotted_name(name) == key.name);
    CHECK_FALSE(has_no_effect(name));
    bool changed = false;
    for (const char* value : {"1025", "7", "true", "false", "any", "error", "json", "::1", "/x",
                              "direct", "http://proxy.test", R"({"all://": {"proxy": false}})"}) {
      SourcedSettings settings;
      if (!apply_variables({{name, value}}, settings)) continue;
      CHECK(settings.source_of(key) == "environment " + name);
      CHECK(settings.notes().empty());
      changed = changed || value_of(settings, key.name) != value_of(SourcedSettings(), key.name);
    }
    CHECK(changed);
  }
  CHECK(structured_name("server.port") == "APP__SERVER__PORT");
}

TEST_CASE("Names of compatible servers mean settings of ours", "[app][unit]") {
  struct Row {
    const char* name;
    const char* value;
    const char* setting;
    const char* want;
  };
  const Row rows[] = {
      {"API_PASSWORD", "x y", "auth.api_password", R"("x y")"},
      {"PORT", "81", "server.port", "81"},
      {"GUNICORN_BIND", "0.0.0.0:82", "server.host", R"("0.0.0.0")"},
      {"GUNICORN_BIND", "0.0.0.0:82", "server.port", "82"},
      {"GUNICORN_BIND", "[::1]:83", "server.host", R"("::1")"},
      {"GUNICORN_BIND", "localhost", "server.host", R"("127.0.0.1")"},
      {"GUNICORN_BIND", "localhost", "server.port", "8888"},
      {"GUNICORN_BIND", ":84", "server.host", R"("0.0.0.0")"},
      {"WEB_CONCURRENCY", "3", "server.workers", "3"},
      {"GUNICORN_WORKERS", "4", "server.workers", "4"},
      {"FORWARDED_ALLOW_IPS", "10.0.0.1", "server.trusted_proxies", R"("10.0.0.1")"},
      {"LOG_LEVEL", "WARNING", "log.level", R"("warning")"},
      {"LOG_LEVEL", "Warn", "log.level", R"("warning")"},
      {"LOG_LEVEL", "CRITICAL", "log.level", R"("error")"},
      {"LOG_LEVEL", "ERROR", "log.level", R"("error")"},
      {"LOG_LEVEL", "TRACE", "log.level", R"("debug")"},
      {"LOG_LEVEL", "DEBUG", "log.level", R"("debug")"},
      {"LOG_LEVEL", "off", "log.level", R"("off")"},
      {"APP__LOG_LEVEL", "Error", "log.level", R"("error")"},
      {"APP__LOG__LEVEL", "ERROR", "log.level", R"("error")"},
      {"RUST_LOG", "debug", "log.level", R"("debug")"},
      {"RUST_LOG", "actix_web=warn,ERROR", "log.level", R"("error")"},
      {"RUST_LOG", "warn,actix_web=debug/filter", "log.level", R"("warning")"},
      {"PROXY_URL", "http://p:1", "proxy.proxy_url", R"("http://p:1")"},
      {"PROXY_URL", "http://p:1", "proxy.all_proxy", "false"},
      {"ALL_PROXY", "yes", "proxy.all_proxy", "true"},
      {"ALL_PROXY", "socks5://p:1", "proxy.all_proxy", "true"},
      {"ALL_PROXY", "socks5://p:1", "proxy.proxy_url", R"("socks5://p:1")"},
      {"APP__PROXY__ALL_PROXY", "on", "proxy.all_proxy", "true"},
      {"APP__PROXY__ALL_PROXY", "http://p", "proxy.proxy_url", R"("http://p")"},
      {"DISABLE_SSL_VERIFICATION_GLOBALLY", "True", "upstream.verify_tls", "false"},
      {"DISABLE_SSL_VERIFICATION_GLOBALLY", "0", "upstream.verify_tls", "true"},
      {"TIMEOUT", "45", "upstream.idle_timeout", R"("45s")"},
      {"USER_AGENT", "Agent/2", "upstream.user_agent", R"("Agent/2")"},
      {"UPSTREAM_RETRY_ON_DISCONNECT", "no", "upstream.resume", "false"},
      {"UPSTREAM_RETRY_ATTEMPTS", "0", "upstream.retry_attempts", "0"},
      {"UPSTREAM_RETRY_DELAY", "1.5", "upstream.retry_delay", R"("1500ms")"},
      {"GRACEFUL_STREAM_END", "F", "hls.graceful_stream_end", "false"},
      {"M3U8_CONTENT_ROUTING", "Direct", "hls.content_routing", R"("direct")"},
      {"STREMIO_PROXY_URL", "http://stremio:11470/", "hls.stremio_proxy_url",
       R"("http://stremio:11470")"},
      {"LIVESTREAM_START_OFFSET", "-30.5", "hls.live_start_delay", R"("30500ms")"},
      {"LIVESTREAM_START_OFFSET", "0.0", "hls.live_start_delay", R"("0s")"},
      {"APP__PROXY__CONNECT_TIMEOUT", "7", "upstream.dial_timeout", R"("7s")"},
      {"APP__PROXY__FOLLOW_REDIRECTS", "false", "upstream.max_redirects", "0"},
      {"APP__PROXY__FOLLOW_REDIRECTS", "true", "upstream.max_redirects", "10"},
      {"APP__PROXY__MAX_CONCURRENT_PER_HOST", "0", "upstream.max_concurrent_per_host", "0"},
      {"APP__PROXY__POOL_IDLE_TIMEOUT", "9", "upstream.pool_idle_timeout", R"("9s")"},
      {"APP__PROXY__POOL_MAX_IDLE_PER_HOST", "8", "upstream.pool_max_idle_per_host", "8"},
      {"TRANSPORT_CONFIG", R"({"proxy_url": "http://p", "all_proxy": true})", "proxy.proxy_url",
       R"("http://p")"},
      {"TRANSPORT_CONFIG", R"({"proxy_url": null, "all_proxy": true})", "proxy.all_proxy", "true"},
      {"TRANSPORT_CONFIG", R"({"disable_ssl_verification_globally": true})", "upstream.verify_tls",
       "false"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name, row.value, row.setting);
    const SourcedSettings settings = applied({{row.name, row.value}});
    CHECK(value_of(settings, row.setting) == row.want);
    CHECK(settings.notes().empty());
  }
  for (const SettingAlias& alias : setting_aliases()) {
    CAPTURE(alias.name);
    CHECK(find_setting(alias.setting) != nullptr);
    CHECK_FALSE(has_no_effect(alias.name));
    const bool tested = std::any_of(std::begin(rows), std::end(rows),
                                    [&](const Row& row) { return row.name == alias.name; }) ||
                        alias.name.ends_with("_ROUTES");  // below
    CHECK(tested);
  }
}

TEST_CASE("Routes in a variable are those of the settings file", "[app][unit]") {
  const std::string routes =
      R"({"all://*.streaming.example": {"proxy": true, "proxy_url": "socks5://test-proxy:1080",)"
      R"( "verify_ssl": true}, "https://internal.example": {"proxy": false},)"
      R"( "all://*:1234": {"verify_ssl": false}})";
  const std::vector<upstream::RouteRule> want = {
      {"all://*.streaming.example", true, "socks5://test-proxy:1080", true},
      {"https://internal.example", false, "", true},
      {"all://*:1234", true, "", false}};
  const std::string config = R"({"transport_routes": )" + routes + "}";
  for (const Variable& variable :
       {Variable{"TRANSPORT_ROUTES", routes}, Variable{"PROXY_ROUTES", routes},
        Variable{"APP__PROXY__TRANSPORT_ROUTES", routes}, Variable{"TRANSPORT_CONFIG", config}}) {
    CAPTURE(variable.name);
    CHECK(applied({variable}).values().proxy.transport_routes == want);
  }
}

/// "p1", "direct", "p2 unchecked": how `url` is reached.
std::string way(const SourcedSettings& settings, const char* url) {
  const auto routes = upstream::TransportRoutes::make(settings.values().proxy,
                                                      settings.values().upstream.verify_tls);
  REQUIRE(routes.has_value());
  const auto route = routes->find(*Url::parse(url));
  return (route.proxy ? route.proxy->host : std::string("direct")) +
         (route.verify ? "" : " unchecked");
}

TEST_CASE("Routes decide the same from a variable and from a file", "[app][unit]") {
  struct Row {
    const char* why;
    const char* json;
    const char* toml;
    const char* url;
    const char* want;
  };
  const char* const direct = R"({"https://internal.example": {"proxy": false}})";
  const char* const direct_toml =
      "[proxy.transport_routes.\"https://internal.example\"]\nproxy = false\n";
  const char* const cdn =
      R"({"all://*.cdn.example": {"proxy_url": "socks5://p2:1080", "verify_ssl": false}})";
  const char* const cdn_toml =
      "[proxy.transport_routes.\"all://*.cdn.example\"]\n"
      "proxy_url = \"socks5://p2:1080\"\nverify_ssl = false\n";
  const Row rows[] = {
      {"own host", direct, direct_toml, "https://internal.example/x", "direct"},
      {"another scheme", direct, direct_toml, "http://internal.example/x", "p1"},
      {"below a wildcard", cdn, cdn_toml, "https://a.b.cdn.example:8443/", "p2 unchecked"},
      {"the wildcard's own name", cdn, cdn_toml, "https://cdn.example/", "p2 unchecked"},
      {"only ending like it", cdn, cdn_toml, "https://xcdn.example/", "p1"},
      {"a port", R"({"all://*:1234": {"proxy": false}})",
       "[proxy.transport_routes]\n\"all://*:1234\" = { proxy = false }\n", "http://h:1234/",
       "direct"},
      {"everything", R"({"all://": {"verify_ssl": false}})",
       "[proxy.transport_routes]\n\"all://\" = { verify_ssl = false }\n", "https://h/",
       "p1 unchecked"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const std::vector<Variable> shared = {{"PROXY_URL", "http://p1"}, {"ALL_PROXY", "true"}};
    auto with_routes = shared;
    with_routes.push_back({"TRANSPORT_ROUTES", row.json});
    CHECK(way(applied(with_routes), row.url) == row.want);
    SourcedSettings file = applied(shared);
    REQUIRE(load_settings_text(row.toml, "f.toml", file).has_value());
    CHECK(way(file, row.url) == row.want);
  }
}

}  // namespace
}  // namespace sluice::app
