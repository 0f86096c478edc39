#include "sluice/app/setting_keys.hpp"

#include <algorithm>
#include <boost/pfr/tuple_size.hpp>
#include <set>

#include "sluice/app/setting_names.hpp"
#include "sluice/app/sourced_settings.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;

namespace sluice::app {
namespace {

RawValue plain(const char* text) {
  return PlainText{text};
}
RawValue typed(const char* text) {
  return std::string(text);
}
RawValue number(std::int64_t value) {
  return value;
}

std::size_t keys_in(std::string_view table) {
  const auto keys = setting_keys();
  return static_cast<std::size_t>(std::count_if(
      keys.begin(), keys.end(), [&](const SettingKey& key) { return key.table() == table; }));
}

TEST_CASE("SettingKey table names every member of every settings struct", "[app][unit]") {
  CHECK(keys_in("server") == boost::pfr::tuple_size_v<server::Settings>);
  CHECK(keys_in("upstream") == boost::pfr::tuple_size_v<upstream::Settings>);
  CHECK(keys_in("proxy") == boost::pfr::tuple_size_v<upstream::ProxySettings>);
  CHECK(keys_in("auth") == boost::pfr::tuple_size_v<access::Settings>);
  CHECK(keys_in("hls") == boost::pfr::tuple_size_v<routes::HlsSettings>);
  CHECK(keys_in("log") == boost::pfr::tuple_size_v<sluice::log::Settings>);

  std::set<std::string_view> names;
  std::set<std::string_view> tables;
  for (const SettingKey& key : setting_keys()) {
    CAPTURE(key.name);
    CHECK(names.insert(key.name).second);
    CHECK(find_setting(key.name) == &key);
    CHECK(std::string(key.table()) + "." + std::string(key.key_in_table()) == key.name);
    tables.insert(key.table());
  }
  CHECK(tables.size() == boost::pfr::tuple_size_v<Settings>);
}

TEST_CASE("SettingKey accepts its own default", "[app][unit]") {
  const Settings defaults;
  for (const SettingKey& key : setting_keys()) {
    // A text setting prints in quotes, so what is assigned here is the quoted text without them.
    std::string value = key.toml_value(defaults);
    if (value.front() == '"') value = value.substr(1, value.size() - 2);
    Settings settings;
    CAPTURE(key.name, value);
    const auto assigned = key.assign(settings, PlainText{value});
    CHECK(assigned.has_value());
    CHECK(key.toml_value(settings) == key.toml_value(defaults));
  }
}

/// Proves that each key is bound to a member of its own: changing one changes no other.
TEST_CASE("SettingKey changes its own member and no other", "[app][unit]") {
  const Settings defaults;
  for (const SettingKey& key : setting_keys()) {
    CAPTURE(key.name);
    Settings changed;
    bool assigned = false;
    for (const char* value : {"1025", "7", "true", "false", "any", "error", "json", "::1", "/x",
                              "direct", "http://proxy.test", R"({"all://": {"proxy": false}})"}) {
      Settings candidate;
      if (!key.assign(candidate, PlainText{value})) continue;
      if (key.toml_value(candidate) == key.toml_value(defaults)) continue;
      changed = candidate;
      assigned = true;
      break;
    }
    REQUIRE(assigned);
    for (const SettingKey& other : setting_keys()) {
      CAPTURE(other.name);
      const bool same = other.toml_value(changed) == other.toml_value(defaults);
      CHECK(same == (&other != &key));
    }
  }
}

TEST_CASE("SettingKey writes each type into its member", "[app][unit]") {
  SourcedSettings settings;
  const auto set = [&](const char* name, const RawValue& value) {
    const auto done = settings.assign(name, value, "test");
    INFO((done ? "" : done.error().text));
    CHECK(done.has_value());
  };
  set("server.host", plain("localhost"));
  set("server.port", number(65535));
  set("server.workers", plain("256"));
  set("server.max_head_bytes", typed("1 MiB"));
  set("server.max_body_bytes", number(0));
  set("server.head_timeout", typed("500ms"));
  set("server.idle_timeout", 0.25);
  set("server.send_timeout", number(3));
  set("server.shutdown_grace", plain("0"));
  set("upstream.reach", typed("public"));
  set("upstream.verify_tls", false);
  set("upstream.user_agent", plain("Agent/1.0 (x)"));
  set("auth.api_password", plain("00123"));
  set("auth.open", plain("true"));
  set("log.level", plain("off"));
  const Settings& got = settings.values();
  CHECK(got.server.host == "127.0.0.1");
  CHECK(got.server.port == 65535);
  CHECK(got.server.workers == 256);
  CHECK(got.server.max_head_bytes == 1024 * 1024);
  CHECK(got.server.max_body_bytes == 0);
  CHECK(got.server.head_timeout == 500ms);
  CHECK(got.server.idle_timeout == 250ms);
  CHECK(got.server.send_timeout == 3s);
  CHECK(got.server.shutdown_grace == 0s);
  CHECK(got.upstream.reach == upstream::Reach::public_only);
  CHECK_FALSE(got.upstream.verify_tls);
  CHECK(got.upstream.user_agent == "Agent/1.0 (x)");
  CHECK(got.auth.api_password == "00123");
  CHECK(got.auth.open);
  CHECK(got.log.level == sluice::log::Level::off);
}

struct Refused {
  const char* why;
  const char* name;
  RawValue value;
  std::string text;
};

const std::string kPort = "expected a whole number from 0 to 65535, got ";
const std::string kHeadBytes =
    "expected a size from 1 KiB to 1 MiB, as a number of bytes or with B, KiB, MiB or GiB, got ";
const std::string kTimeout =
    "expected a time from 1ms to 1d, as a number of seconds or with ms, s, min, h or d, got ";
const std::string kHost = "expected an IPv4 or IPv6 address without brackets, or localhost, got ";
const std::string kAgent =
    "expected 1 to 1000 printable ASCII characters without spaces around them, got ";

TEST_CASE("SettingKey refuses what does not fit and says what would", "[app][unit]") {
  const Refused rows[] = {
      {"port over its range", "server.port", number(65536), kPort + "65536"},
      {"port below its range", "server.port", number(-1), kPort + "-1"},
      {"port as a decimal number", "server.port", 80.5, kPort + "80.5"},
      {"port in quotes", "server.port", typed("80"), kPort + "\"80\"; leave out the quotes"},
      {"port out of range in quotes", "server.port", typed("70000"), kPort + "\"70000\""},
      {"port that wraps around 2^64", "server.port", plain("18446744073709551617"),
       kPort + "\"18446744073709551617\""},
      {"port with a sign", "server.port", plain("+80"), kPort + "\"+80\""},
      {"port of another type", "server.port", OtherType{"a list"}, kPort + "a list"},
      {"workers over their range", "server.workers", number(257),
       "expected a whole number from 0 to 256, got 257"},
      {"dns_threads below their range", "upstream.dns_threads", number(0),
       "expected a whole number from 1 to 64, got 0"},
      {"max_redirects over its range", "upstream.max_redirects", plain("51"),
       "expected a whole number from 0 to 50, got \"51\""},
      {"head too small", "server.max_head_bytes", number(1023), kHeadBytes + "1023"},
      {"head too large", "server.max_head_bytes", typed("2MiB"), kHeadBytes + "\"2MiB\""},
      {"head negative", "server.max_head_bytes", number(-1), kHeadBytes + "-1"},
      {"head as a decimal number", "server.max_head_bytes", 65536.0, kHeadBytes + "65536"},
      {"time-out of nothing", "server.head_timeout", number(0), kTimeout + "0"},
      {"time-out that rounds to nothing", "server.head_timeout", 0.0001, kTimeout + "0.0001"},
      {"time-out below zero", "server.head_timeout", number(-5), kTimeout + "-5"},
      {"time-out too long", "server.head_timeout", typed("25h"), kTimeout + "\"25h\""},
      {"time-out without a number", "server.head_timeout", typed("soon"), kTimeout + "\"soon\""},
      {"time-out as a boolean", "server.head_timeout", true, kTimeout + "true"},
      {"boolean in quotes", "auth.open", typed("true"),
       "expected true or false, got \"true\"; leave out the quotes"},
      {"boolean as a word in quotes", "auth.open", typed("yes"),
       "expected true or false, got \"yes\""},
      {"boolean as another number", "auth.open", plain("2"), "expected true or false, got \"2\""},
      {"a login is not shown", "log.requests", plain("http://me:secret@h/"),
       "expected true or false, got \"http://********@h/\""},
      {"boolean as a number", "auth.open", number(1), "expected true or false, got 1"},
      {"unknown word", "upstream.reach", typed("all"),
       "expected one of public, lan, any, got \"all\""},
      {"empty word", "upstream.reach", plain(""), "expected one of public, lan, any, got \"\""},
      {"word without quotes", "log.level", false,
       "expected one of debug, info, warning, error, off, got false; put it in quotes"},
      {"host name", "server.host", typed("example.org"), kHost + "\"example.org\""},
      {"host in brackets", "server.host", typed("[::1]"), kHost + "\"[::1]\""},
      {"host as a number", "server.host", number(127), kHost + "127; put it in quotes"},
      {"agent that ends its header", "upstream.user_agent", typed("a\r\nb: c"),
       kAgent + R"("a\u000d\u000ab: c")"},
      {"agent of nothing", "upstream.user_agent", typed(""), kAgent + "\"\""},
      {"agent ending in a space", "upstream.user_agent", typed("a "), kAgent + "\"a \""},
      {"path cut short by a NUL", "upstream.ca_file", std::string("/a\0b", 4),
       "expected the path of a file, or nothing, got \"/a\\u0000b\""},
      {"a proxy of another scheme, not shown", "proxy.proxy_url", typed("ftp://user:secret@h"),
       "expected URL of an http, https, socks4, socks4a, socks5 or socks5h proxy, or nothing, got "
       "text"},
      {"routes that are no table", "proxy.transport_routes", number(1),
       "expected a table of \"scheme://host\" = { proxy, proxy_url, verify_ssl }, or that as JSON, "
       "got an integer"},
      {"a secret number is not shown", "auth.api_password", number(4711),
       "expected UTF-8 text, got an integer; put it in quotes"},
      {"a secret boolean is not shown", "auth.api_password", true,
       "expected UTF-8 text, got a boolean; put it in quotes"},
      {"a secret that is not UTF-8 is not shown", "auth.api_password", plain("se\xff"),
       "expected UTF-8 text, got text"},
  };
  for (const Refused& row : rows) {
    CAPTURE(row.why);
    const SettingKey* key = find_setting(row.name);
    REQUIRE(key != nullptr);
    Settings settings;
    const auto assigned = key->assign(settings, row.value);
    REQUIRE(assigned.has_error());
    CHECK(assigned.error().text == row.text);
    CHECK(key->toml_value(settings) == key->toml_value(Settings()));
  }
}

TEST_CASE("SettingKey takes booleans and words of flags in any case", "[app][unit]") {
  for (const char* text : {"true", "True", "1", "YES", "y", "on", "T"}) {
    CAPTURE(text);
    Settings settings;
    CHECK(find_setting("auth.open")->assign(settings, plain(text)).has_value());
    CHECK(settings.auth.open);
  }
  for (const char* text : {"false", "FALSE", "0", "No", "n", "Off", "f"}) {
    CAPTURE(text);
    Settings settings;
    settings.auth.open = true;
    CHECK(find_setting("auth.open")->assign(settings, plain(text)).has_value());
    CHECK_FALSE(settings.auth.open);
  }
  for (const char* text : {"", "tru", "2", "-1", "enabled"}) {
    CAPTURE(text);
    Settings settings;
    CHECK(find_setting("auth.open")->assign(settings, plain(text)).has_error());
  }
  Settings settings;
  CHECK(find_setting("upstream.reach")->assign(settings, plain("ANY")).has_value());
  CHECK(settings.upstream.reach == upstream::Reach::any);
  CHECK(find_setting("upstream.reach")->assign(settings, typed("ANY")).has_error());
}

TEST_CASE("nearest_setting finds what was meant", "[app][unit]") {
  struct Row {
    const char* why;
    const char* written;
    const char* meant;
  };
  const Row rows[] = {
      {"two letters swapped", "server.prot", "server.port"},
      {"a letter missing in the table", "upsteam.idle_timeout", "upstream.idle_timeout"},
      {"the key of another table", "server.reach", "upstream.reach"},
      {"no table", "port", "server.port"},
      {"no table, and misspelled", "api_pasword", "auth.api_password"},
      {"cut short", "server.max_head", "server.max_headers"},
      {"another case", "log.Level", "log.level"},
      {"equal keys in two tables", "server.idle_timeouts", "server.idle_timeout"},
      {"nothing like it", "server.favourite_colour", ""},
      {"empty", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why, row.written);
    CHECK(nearest_setting(row.written) == row.meant);
  }
  CHECK(nearest_setting(std::string(100'000, 'x')).empty());
}

TEST_CASE("nearest_table finds what was meant", "[app][unit]") {
  CHECK(nearest_table("sever") == "server");
  CHECK(nearest_table("upsteam") == "upstream");
  CHECK(nearest_table("Auth") == "auth");
  CHECK(nearest_table("cache").empty());
  CHECK(nearest_table(std::string(100'000, 'x')).empty());
}

TEST_CASE("SourcedSettings remembers where each value came from", "[app][unit]") {
  SourcedSettings settings;
  const SettingKey& port = *find_setting("server.port");
  const SettingKey& host = *find_setting("server.host");
  CHECK(settings.source_of(port) == "default");
  REQUIRE(settings.assign("server.port", number(1), "sluice.toml:3").has_value());
  CHECK(settings.source_of(port) == "sluice.toml:3");
  REQUIRE(settings.assign("server.port", number(2), "--set").has_value());
  CHECK(settings.source_of(port) == "--set");
  REQUIRE(settings.assign("server.port", number(-2), "--listen").has_error());
  CHECK(settings.source_of(port) == "--set");
  CHECK(settings.values().server.port == 2);
  CHECK(settings.source_of(host) == "default");
}

TEST_CASE("SourcedSettings names source and key in its errors", "[app][unit]") {
  SourcedSettings settings;
  const auto text = [&](const char* name, const RawValue& value, const char* source) {
    const auto assigned = settings.assign(name, value, source);
    REQUIRE(assigned.has_error());
    return assigned.error().text;
  };
  CHECK(text("server.port", number(-1), "a.toml:7") == "a.toml:7: server.port: " + kPort + "-1");
  CHECK(text("server.prt", number(1), "a.toml:7") ==
        "a.toml:7: server.prt: unknown setting; did you mean server.port?");
  CHECK(text("x.y", number(1), "--set") ==
        "--set: x.y: unknown setting; `sluice check-config` lists them all");
  CHECK(text("a\x1b[2J\nb", number(1), "--set") ==
        "--set: a?[2J?b: unknown setting; `sluice check-config` lists them all");
}

TEST_CASE("SourcedSettings masks a secret that is set", "[app][unit]") {
  SourcedSettings settings;
  CHECK_THAT(settings.to_toml(), Catch::Contains("api_password = \"\" "));
  REQUIRE(settings.assign("auth.api_password", plain("hunter2"), "--set").has_value());
  CHECK_THAT(settings.to_toml(), Catch::Contains("api_password = \"********\""));
  CHECK_THAT(settings.to_toml(), !Catch::Contains("hunter2"));
}

TEST_CASE("SourcedSettings wants a password for more than loopback", "[app][unit]") {
  struct Row {
    const char* why;
    const char* host;
    const char* password;
    bool open;
    bool accepted;
  };
  const Row rows[] = {
      {"loopback needs none", "127.0.0.1", "", false, true},
      {"IPv6 loopback needs none", "::1", "", false, true},
      {"every address", "0.0.0.0", "", false, false},
      {"every IPv6 address", "::", "", false, false},
      {"a private address", "192.168.1.2", "", false, false},
      {"with a password", "0.0.0.0", "x", false, true},
      {"opened on purpose", "0.0.0.0", "", true, true},
      {"both are no contradiction", "0.0.0.0", "x", true, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    SourcedSettings settings;
    REQUIRE(settings.assign("server.host", plain(row.host), "a.toml:2").has_value());
    REQUIRE(settings.assign("auth.api_password", plain(row.password), "--set").has_value());
    REQUIRE(settings.assign("auth.open", row.open, "--set").has_value());
    const auto checked = settings.check();
    CHECK(checked.has_value() == row.accepted);
    if (checked) continue;
    CHECK(checked.error().text == "a.toml:2: server.host: " + std::string(row.host) +
                                      " can be reached from other machines and no password is "
                                      "set: set auth.api_password, or allow everyone with "
                                      "auth.open = true");
  }
}

TEST_CASE("SourcedSettings wants a certificate file that can be read", "[app][unit]") {
  SourcedSettings settings;
  REQUIRE(settings.assign("upstream.ca_file", plain("/no/such/file"), "a.toml:2").has_value());
  REQUIRE(settings.check().has_error());
  CHECK(settings.check().error().text ==
        "a.toml:2: upstream.ca_file: cannot read \"/no/such/file\": No such file or directory");
  REQUIRE(settings.assign("upstream.ca_file", plain("/"), "--set").has_value());
  REQUIRE(settings.check().has_error());
  CHECK(settings.check().error().text ==
        "--set: upstream.ca_file: cannot read \"/\": Is a directory");
  REQUIRE(
      settings.assign("upstream.ca_file", plain(SLUICE_SOURCE_DIR "/config/sluice.toml"), "--set")
          .has_value());
  CHECK(settings.check().has_value());
}

}  // namespace
}  // namespace sluice::app
