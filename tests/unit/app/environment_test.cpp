#include "sluice/app/environment.hpp"

#include "sluice/app/setting_aliases.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace sluice::app {
namespace {

using Variables = std::vector<Variable>;
using Notes = std::vector<std::string>;

SourcedSettings applied(const Variables& variables) {
  SourcedSettings settings;
  const auto done = apply_variables(variables, settings);
  INFO((done ? "" : done.error().text));
  REQUIRE(done.has_value());
  return settings;
}

std::string error_of(const Variables& variables) {
  SourcedSettings settings;
  const auto done = apply_variables(variables, settings);
  if (!done) CHECK(settings.notes().empty());
  return done ? "" : done.error().text;
}

std::string value_of(const SourcedSettings& settings, std::string_view name) {
  return find_setting(name)->toml_value(settings.values());
}

TEST_CASE("Variables are texts until their setting reads them", "[app][unit]") {
  for (const char* password : {"00123", "1e5", "true", "{}", " x ", "\"q\"", "#"}) {
    CAPTURE(password);
    CHECK(applied({{"API_PASSWORD", password}}).values().auth.api_password == password);
    CHECK(applied({{"APP__AUTH__API_PASSWORD", password}}).values().auth.api_password == password);
  }
}

TEST_CASE("Variables are found in any case, and others are left alone", "[app][unit]") {
  CHECK(applied({{"app__Server__pOrt", "1"}}).values().server.port == 1);
  CHECK(applied({{"port", "1"}}).values().server.port == 1);
  const SourcedSettings settings = applied({{"HTTP_PROXY", "x"},
                                            {"HOME", "x"},
                                            {"SERVER__PORT", "x"},
                                            {"server.port", "x"},
                                            {"", "x"},
                                            {"APP", "x"},
                                            {"APP_SERVER__PORT", "x"}});
  CHECK(settings.notes().empty());
  CHECK(settings.to_toml() == SourcedSettings().to_toml());
}

TEST_CASE("An empty variable is none", "[app][unit]") {
  for (const SettingAlias& alias : setting_aliases()) {
    const SourcedSettings settings = applied({{std::string(alias.name), ""}});
    CHECK(settings.to_toml() == SourcedSettings().to_toml());
    CHECK(settings.notes().empty());
  }
  CHECK(applied({{"LIVESTREAM_START_OFFSET", ""}, {"APP__NO__SUCH", ""}}).notes().empty());
  CHECK(applied({{"PORT", "1"}, {"APP__SERVER__PORT", ""}}).values().server.port == 1);
}

TEST_CASE("Of two names in one source the stronger counts, with a note", "[app][unit]") {
  struct Row {
    const char* why;
    Variables variables;  ///< the winner first
    const char* setting;
    const char* want;
    bool noted;
  };
  const Row rows[] = {
      {"APP__ over flat", {{"APP__SERVER__PORT", "1"}, {"PORT", "2"}}, "server.port", "1", true},
      {"APP__ over GUNICORN_BIND",
       {{"APP__SERVER__PORT", "1"}, {"GUNICORN_BIND", "127.0.0.1:2"}},
       "server.port",
       "1",
       true},
      {"GUNICORN_BIND over PORT",
       {{"GUNICORN_BIND", "::1:2"}, {"PORT", "3"}},
       "server.port",
       "3",
       false},
      {"GUNICORN_BIND with a port over PORT",
       {{"GUNICORN_BIND", "[::1]:2"}, {"PORT", "3"}},
       "server.port",
       "2",
       true},
      {"WEB_CONCURRENCY over GUNICORN_WORKERS",
       {{"WEB_CONCURRENCY", "1"}, {"GUNICORN_WORKERS", "2"}},
       "server.workers",
       "1",
       true},
      {"equal values are no contradiction",
       {{"APP__SERVER__PORT", "1"}, {"PORT", "1"}},
       "server.port",
       "1",
       false},
      {"equal in meaning",
       {{"APP__UPSTREAM__IDLE_TIMEOUT", "1min"}, {"TIMEOUT", "60"}},
       "upstream.idle_timeout",
       R"("1min")",
       false},
      {"RUST_LOG over APP__LOG_LEVEL",
       {{"RUST_LOG", "warn"}, {"APP__LOG_LEVEL", "debug"}},
       "log.level",
       R"("warning")",
       true},
      {"RUST_LOG over APP__LOG__LEVEL",
       {{"RUST_LOG", "warn"}, {"APP__LOG__LEVEL", "debug"}},
       "log.level",
       R"("warning")",
       true},
      {"APP__LOG_LEVEL over LOG_LEVEL",
       {{"APP__LOG_LEVEL", "debug"}, {"LOG_LEVEL", "ERROR"}},
       "log.level",
       R"("debug")",
       true},
      {"our own name over that of a compatible server",
       {{"APP__UPSTREAM__DIAL_TIMEOUT", "1"}, {"APP__PROXY__CONNECT_TIMEOUT", "2"}},
       "upstream.dial_timeout",
       R"("1s")",
       true},
      {"PROXY_URL over the URL in ALL_PROXY",
       {{"PROXY_URL", "http://a"}, {"ALL_PROXY", "http://b"}},
       "proxy.proxy_url",
       R"("http://a")",
       true},
      {"TRANSPORT_ROUTES over PROXY_ROUTES",
       {{"TRANSPORT_ROUTES", R"({"all://a": {}})"}, {"PROXY_ROUTES", R"({"all://b": {}})"}},
       "proxy.transport_routes",
       R"({ "all://a" = { proxy = true, proxy_url = "", verify_ssl = true } })",
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    Variables backwards(row.variables.rbegin(), row.variables.rend());
    for (const Variables& variables : {row.variables, backwards}) {
      const SourcedSettings settings = applied(variables);
      CHECK(value_of(settings, row.setting) == row.want);
      const std::string note = row.variables[1].source() + ": has no effect, because " +
                               row.variables[0].source() + " sets " + row.setting +
                               ", too, to another value";
      CHECK(settings.notes() == (row.noted ? Notes{note} : Notes{}));
    }
  }
  CHECK(applied({{"port", "1"}, {"PORT", "2"}}).values().server.port == 2);
}

TEST_CASE("Variables that do nothing are noted", "[app][unit]") {
  struct Row {
    const char* name;
    std::string text;
  };
  const std::string no_effect = "has no effect here";
  const std::string list = "unknown setting; `sluice check-config` lists them all";
  const Row rows[] = {
      {"HLS_PREBUFFER_SEGMENTS", no_effect},
      {"GUNICORN_TIMEOUT", no_effect},
      {"redis_url", no_effect},
      {"APP__REDIS__URL", no_effect},
      {"APP__DRM__KEY_CACHE_TTL", no_effect},
      {"APP__PROXY__BUFFER_SIZE", no_effect},
      {"APP__HLS__PREBUFFER_SEGMENTS", no_effect},
      {"APP__SERVER__PROT", "unknown setting; did you mean APP__SERVER__PORT?"},
      {"app__server__prot", "unknown setting; did you mean APP__SERVER__PORT?"},
      {"APP__API_PASSWORD", "unknown setting; did you mean APP__AUTH__API_PASSWORD?"},
      {"APP__FAVOURITE__COLOUR", list},
      {"APP__\x1b\xff", list},
      {"RUST_LOG", "names no level for everything, so it has no effect here"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const SourcedSettings settings = applied({{row.name, "hunter2"}});
    REQUIRE(settings.notes().size() == 1);
    const std::string shown =
        std::string(row.name) == "APP__\x1b\xff" ? "APP__??" : std::string(row.name);
    CHECK(settings.notes()[0] == "environment " + shown + ": " + row.text);
    CHECK(settings.to_toml() == SourcedSettings().to_toml());
  }
  CHECK(applied({{"GUNICORN_BIND", "127.0.0.1:1, [::1]:2"}}).notes() ==
        Notes{"environment GUNICORN_BIND: of several addresses only the first counts"});
  CHECK(applied({{"TRANSPORT_CONFIG", R"({"colour": "hunter2"})"}}).notes() ==
        Notes{"environment TRANSPORT_CONFIG: \"colour\" has no effect here"});
}

TEST_CASE("A variable that does not fit is named, and no secret shown", "[app][unit]") {
  struct Row {
    const char* name;
    const char* value;
    std::string text;
  };
  const std::string flag = "expected true or false, got ";
  const std::string level = "expected one of debug, info, warning, error, off, got ";
  const std::string url = "expected true or false, or the URL of an outgoing proxy, got text";
  const std::string object =
      "expected a JSON object with proxy_url, all_proxy, transport_routes and "
      "disable_ssl_verification_globally, got ";
  const Row rows[] = {
      {"PORT", "80x", "server.port: expected a whole number from 0 to 65535, got \"80x\""},
      {"APP__SERVER__PORT", "65536",
       "server.port: expected a whole number from 0 to 65535, got \"65536\""},
      {"API_PASSWORD", "hunter2\xff", "auth.api_password: expected UTF-8 text, got text"},
      {"GUNICORN_BIND", "unix:/run/x",
       "server.host: expected an IPv4 or IPv6 address without brackets, or localhost, got "
       "\"unix\""},
      {"GUNICORN_BIND", "a:b:c",
       "server.host: expected HOST:PORT, such as 127.0.0.1:8888, [::1]:8888 or :8888, got "
       "\"a:b:c\""},
      {"LOG_LEVEL", "loud", "log.level: " + level + "\"loud\""},
      {"DISABLE_SSL_VERIFICATION_GLOBALLY", "maybe", "upstream.verify_tls: " + flag + "\"maybe\""},
      {"APP__PROXY__FOLLOW_REDIRECTS", "2", "upstream.max_redirects: " + flag + "\"2\""},
      {"UPSTREAM_RETRY_ON_DISCONNECT", "http://me:hunter2@p",
       "upstream.resume: " + flag + "\"http://********@p\""},
      {"ALL_PROXY", "http//me:hunter2@p", "proxy.all_proxy: " + url},
      {"APP__PROXY__ALL_PROXY", "ftp://me:hunter2@p", "proxy.all_proxy: " + url},
      {"PROXY_URL", "ftp://me:hunter2@p",
       "proxy.proxy_url: expected URL of an http, https, socks4, socks4a, socks5 or socks5h "
       "proxy, or nothing, got text"},
      {"TRANSPORT_ROUTES", R"({"all://a": {"proxy_url": "http://me:hunter2"}})",
       "proxy.transport_routes.\"all://a\".proxy_url: expected the URL of a proxy, such as "
       "\"socks5h://user:password@host:1080\", got "},
      {"PROXY_ROUTES", "{hunter2",
       "proxy.transport_routes: expected a table of \"scheme://host\" = { proxy, proxy_url, "
       "verify_ssl }, or that as JSON, got text that is not JSON: "},
      {"TRANSPORT_CONFIG", "{hunter2",
       "proxy.transport_routes: " + object + "text that is not JSON: "},
      {"TRANSPORT_CONFIG", "[1]", "proxy.transport_routes: " + object + "a list"},
      {"TRANSPORT_CONFIG", R"({"proxy_url": "hunter2"})",
       "proxy.proxy_url: expected URL of an http, https, socks4, socks4a, socks5 or socks5h "
       "proxy, or nothing, got text"},
      {"TRANSPORT_CONFIG", R"({"all_proxy": "hunter2"})", "proxy.transport_routes: " + url},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name, row.value);
    const std::string error = error_of({{row.name, row.value}});
    const std::string want = "environment " + std::string(row.name) + ": " + row.text;
    CHECK(error.substr(0, want.size()) == want);
    if (!want.ends_with(": ") && !want.ends_with("got ")) CHECK(error == want);
    CHECK(error.find("hunter2") == std::string::npos);
  }
  CHECK_FALSE(error_of({{"PORT", "x"}, {"APP__SERVER__PORT", "1"}}).empty());
}

TEST_CASE("No note shows a secret", "[app][unit]") {
  const SourcedSettings settings = applied({
      {"API_PASSWORD", "hunter1"},
      {"APP__AUTH__API_PASSWORD", "hunter2"},
      {"PROXY_URL", "http://me:hunter1@p"},
      {"ALL_PROXY", "http://me:hunter2@p"},
      {"APP__AUTH__PASSWORD", "hunter3"},
      {"REDIS_URL", "redis://:hunter4@h"},
      {"TELEGRAM_SESSION_STRING", "hunter5"},
  });
  CHECK(settings.notes().size() == 5);
  for (const std::string& note : settings.notes()) {
    CAPTURE(note);
    CHECK(note.find("hunter") == std::string::npos);
  }
  CHECK(settings.to_toml().find("hunter") == std::string::npos);
}

TEST_CASE("variables_of splits the environment", "[app][unit]") {
  const char* const environment[] = {"A=1", "B=x=y", "C=", "no equals", "=D", nullptr};
  const Variables got = variables_of(environment);
  REQUIRE(got.size() == 4);
  CHECK((got[0].name == "A" && got[0].value == "1" && got[0].place == "environment"));
  CHECK((got[1].name == "B" && got[1].value == "x=y"));
  CHECK((got[2].name == "C" && got[2].value.empty()));
  CHECK(got[3].name.empty());
}

TEST_CASE("load_dotenv reads a file and notes what it cannot", "[app][unit]") {
  const test::TempDir folder;
  SourcedSettings settings;
  const std::string path =
      folder.write("a.env", "PORT=81\nhunter2\nAPI_PASSWORD='hunter2\n").string();
  const Variables got = load_dotenv(path, settings);
  REQUIRE(got.size() == 1);
  CHECK(got[0].source() == path + ":1 PORT");
  CHECK(settings.notes() == Notes{path + ":2: expected NAME=VALUE; the line is ignored",
                                  path + ":3: a quote that is not closed; the line is ignored"});

  SourcedSettings others;
  CHECK(load_dotenv((folder.path() / "absent").string(), others).empty());
  CHECK(others.notes().empty());
  CHECK(load_dotenv(folder.path().string(), others).empty());
  const std::string large = folder.write("l.env", std::string(1024 * 1024 + 1, '#')).string();
  CHECK(load_dotenv(large, others).empty());
  CHECK(others.notes() == Notes{folder.path().string() + ": cannot be read: Is a directory",
                                large + ": cannot be read: it is larger than 1 MiB"});
}

}  // namespace
}  // namespace sluice::app
