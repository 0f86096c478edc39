#include "sluice/app/settings_load.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace std::chrono_literals;

namespace sluice::app {
namespace {

std::string error_of(std::string_view toml) {
  SourcedSettings settings;
  const auto loaded = load_settings_text(toml, "f.toml", settings);
  return loaded ? "" : loaded.error().text;
}

TEST_CASE("load_settings_text reads values with their lines", "[app][unit]") {
  SourcedSettings settings;
  const auto loaded = load_settings_text(
      "# comment\n"
      "[server]\n"
      "host = \"::1\"\n"
      "port = 0x50\n"
      "idle_timeout = 1.5\n"
      "\n"
      "[auth]\n"
      "api_password = \"00123\"\n"
      "[hls]\n"
      "max_playlist_bytes = \"1 MiB\"\n",
      "dir/f.toml", settings);
  INFO((loaded ? "" : loaded.error().text));
  REQUIRE(loaded.has_value());
  CHECK(settings.values().server.host == "::1");
  CHECK(settings.values().server.port == 80);
  CHECK(settings.values().server.idle_timeout == 1500ms);
  CHECK(settings.values().auth.api_password == "00123");
  CHECK(settings.values().hls.max_playlist_bytes == 1024 * 1024);
  CHECK(settings.source_of(*find_setting("server.port")) == "dir/f.toml:4");
  CHECK(settings.source_of(*find_setting("auth.api_password")) == "dir/f.toml:8");
  CHECK(settings.source_of(*find_setting("server.workers")) == "default");
}

TEST_CASE("load_settings_text takes letters above ASCII after a line that goes on", "[app][unit]") {
  SourcedSettings settings;
  const auto loaded = load_settings_text(
      "[auth]\napi_password = \"\"\"\\\n  \xc3\xa9\xe2\x82\xac\"\"\"\n", "f", settings);
  INFO((loaded ? "" : loaded.error().text));
  REQUIRE(loaded.has_value());
  CHECK(settings.values().auth.api_password == "\xc3\xa9\xe2\x82\xac");
}

TEST_CASE("load_settings_text takes every way TOML writes a table", "[app][unit]") {
  for (const char* toml :
       {"[server]\nport = 81", "server.port = 81", "server = { port = 81 }",
        "[ \"server\" ]\r\n'port' = 81\r\n", "\xef\xbb\xbf[server]\nport = 8_1"}) {
    CAPTURE(toml);
    SourcedSettings settings;
    CHECK(load_settings_text(toml, "f", settings).has_value());
    CHECK(settings.values().server.port == 81);
  }
  SourcedSettings settings;
  CHECK(load_settings_text("", "f", settings).has_value());
  CHECK(load_settings_text("[server]\n[log]\n", "f", settings).has_value());
}

TEST_CASE("load_settings_text says where and what is wrong", "[app][unit]") {
  struct Row {
    const char* why;
    std::string toml;
    std::string text;
  };
  const Row rows[] = {
      {"unknown key", "[server]\n\nprot = 1",
       "f.toml:3: server.prot: unknown setting; did you mean server.port?"},
      {"unknown key like no other", "[server]\nfavourite_colour = 1",
       "f.toml:2: server.favourite_colour: unknown setting; `sluice check-config` lists them all"},
      {"unknown table", "\n[upsteam]\nreach = \"any\"",
       "f.toml:2: upsteam: unknown table; did you mean [upstream]?"},
      {"unknown table like no other", "[colours]", "f.toml:1: colours: unknown table"},
      {"a key without its table", "port = 1",
       "f.toml:1: port: unknown setting; did you mean server.port?"},
      {"a dotted name that is one quoted key", "\"server.port\" = 1",
       "f.toml:1: \"server.port\": unknown setting; did you mean server.port?"},
      {"a quoted key in a table", "[server]\n\"a b\" = 1",
       "f.toml:2: server.\"a b\": unknown setting; `sluice check-config` lists them all"},
      {"control characters in a key", "\"\\u001b\\n\" = 1",
       "f.toml:1: \"\\u001b\\u000a\": unknown setting; `sluice check-config` lists them all"},
      {"a table below a table", "[server.tls]",
       "f.toml:1: server.tls: unknown setting; `sluice check-config` lists them all"},
      {"a setting that is a table", "[server.port]\nx = 1",
       "f.toml:1: server.port: expected a whole number from 0 to 65535, got a table"},
      {"a table that is a value", "server = 5",
       "f.toml:1: server: expected the table [server], got an integer"},
      {"a table that may be a secret", "auth = \"hunter2\"",
       "f.toml:1: auth: expected the table [auth], got text"},
      {"a list of tables", "[[server]]\nport = 1",
       "f.toml:1: server: expected the table [server], got a list"},
      {"wrong type", "[server]\nport = [1]",
       "f.toml:2: server.port: expected a whole number from 0 to 65535, got a list"},
      {"a date", "[server]\nport = 1979-05-27",
       "f.toml:2: server.port: expected a whole number from 0 to 65535, got a date or time"},
      {"out of range", "[server]\nport = 65536",
       "f.toml:2: server.port: expected a whole number from 0 to 65535, got 65536"},
      {"a password without quotes is not shown", "[auth]\napi_password = hunter2",
       "f.toml:2: not valid TOML: the value of this line cannot be read; it has to be text in "
       "quotes"},
      {"a long number as password is not shown", "auth.api_password = 99999999999999999999",
       "f.toml:1: not valid TOML: the value of this line cannot be read; it has to be text in "
       "quotes"},
      {"an integer as password", "[auth]\napi_password = 123",
       "f.toml:2: auth.api_password: expected UTF-8 text, got an integer; put it in quotes"},
      {"infinity", "[server]\nhead_timeout = inf",
       "f.toml:2: server.head_timeout: expected a time from 1ms to 1d, as a number of seconds or "
       "with ms, s, min, h or d, got inf"},
      {"the first of two errors", "[upstream]\nx_y_z_w = 1\n[auth]\nq_r_s_t = 1",
       "f.toml:2: upstream.x_y_z_w: unknown setting; `sluice check-config` lists them all"},
      {"no value", "[server]\nport =\n", "f.toml:2: not valid TOML: "},
      {"a key given twice", "[server]\nport = 1\nport = 2", "f.toml:3: not valid TOML: "},
      {"text left open", "[server]\nhost = \"::1\n", "f.toml:2: not valid TOML: "},
      {"a NUL", std::string("[server]\n\0", 10), "f.toml:2: not valid TOML: "},
      {"not UTF-8", "[server]\nhost = \"\xff\"", "f.toml:2: not valid TOML: "},
      {"a table without a name", "[=]", "f.toml:1: not valid TOML: "},
      {"a list of tables without a name", "[[{x]]", "f.toml:1: not valid TOML: "},
      {"a dotted key that does not go on", "[server]\nport.= 1", "f.toml:2: not valid TOML: "},
      {"a letter above ASCII in a key", "[server]\n\xc3\xa9 = 1", "f.toml:2: not valid TOML: "},
      {"a letter above ASCII ending a key", "port\xd0\xaf = 1", "f.toml:1: not valid TOML: "},
      {"a table left open", "[server", "f.toml:1: not valid TOML: "},
      {"deeply nested", "a = " + std::string(100'000, '['), "f.toml:1: not valid TOML: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const std::string got = error_of(row.toml);
    if (row.text.ends_with("TOML: ")) {
      // What follows is the parser's own wording.
      CHECK(got.substr(0, row.text.size()) == row.text);
      CHECK(got.size() > row.text.size());
    } else {
      CHECK(got == row.text);
    }
    CHECK(got.find_first_of("\r\n\x1b") == std::string::npos);
    CHECK(got.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("load_settings_text knows the names of compatible servers", "[app][unit]") {
  SourcedSettings settings;
  const auto loaded = load_settings_text(
      "log_level = \"WARN\"\n"
      "[server]\nhost = \"127.0.0.1\"\n"
      "[proxy]\nconnect_timeout = 7\nbuffer_size = 262144\nfollow_redirects = false\n"
      "max_concurrent_per_host = 3\n"
      "[hls]\nprebuffer_segments = 5\n"
      "[mpd]\nremux_to_ts = false\nlive_playlist_depth = 8\n"
      "[redis]\nurl = \"redis://:hunter2@h\"\n"
      "[test_urls]\na = \"x\"\n"
      "[upstream]\nmax_concurrent_per_host = 4\n",
      "f.toml", settings);
  INFO((loaded ? "" : loaded.error().text));
  REQUIRE(loaded.has_value());
  CHECK(settings.values().log.level == sluice::log::Level::warning);
  CHECK(settings.values().upstream.dial_timeout == 7s);
  CHECK(settings.values().upstream.max_redirects == 0);
  CHECK(settings.values().upstream.max_concurrent_per_host == 4);
  CHECK(settings.source_of(*find_setting("upstream.dial_timeout")) ==
        "f.toml:5 proxy.connect_timeout");
  const std::string loser =
      "f.toml:8 proxy.max_concurrent_per_host: has no effect, because f.toml:19 sets "
      "upstream.max_concurrent_per_host, too, to another value";
  CHECK(settings.notes() ==
        std::vector<std::string>{"f.toml:6 proxy.buffer_size: has no effect here",
                                 "f.toml:10 hls.prebuffer_segments: has no effect here",
                                 "f.toml:11 mpd: has no effect here",
                                 "f.toml:14 redis: has no effect here", loser});
}

TEST_CASE("load_settings_text refuses what compatible servers do not have either", "[app][unit]") {
  struct Row {
    const char* why;
    const char* toml;
    const char* text;
  };
  const Row rows[] = {
      {"a wrong value", "[proxy]\nconnect_timeout = \"soon\"",
       "f.toml:2 proxy.connect_timeout: upstream.dial_timeout: expected a time from 1ms to 1d, as "
       "a number of seconds or with ms, s, min, h or d, got \"soon\""},
      {"an unknown key", "[proxy]\npool_idle_time = 1",
       "f.toml:2: proxy.pool_idle_time: unknown setting; did you mean "
       "upstream.pool_idle_timeout?"},
      {"their table as a value", "mpd = 5",
       "f.toml:1: mpd: unknown setting; `sluice check-config` lists them all"},
      {"their key as a table", "[log_level]", "f.toml:1: log_level: unknown table"},
      {"an ignored table as a value", "test_urls = 1",
       "f.toml:1: test_urls: unknown setting; `sluice check-config` lists them all"},
      {"flat names of the environment", "PORT = 1", "f.toml:1: PORT: unknown setting"},
      {"their secrets are not shown", "[redis]\nurl = hunter2",
       "f.toml:2: not valid TOML: the value of this line cannot be read; it has to be text in "
       "quotes"},
      {"a login in a boolean", "[proxy]\nall_proxy = \"http://me:hunter2@p\"",
       "f.toml:2: proxy.all_proxy: expected true or false, got \"http://********@p\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK_THAT(error_of(row.toml), Catch::StartsWith(row.text));
    CHECK_THAT(error_of(row.toml), !Catch::Contains("hunter2"));
  }
}

TEST_CASE("load_settings_text leaves settings alone when the file is wrong", "[app][unit]") {
  SourcedSettings settings;
  CHECK(load_settings_text("[server]\nport = 1\nworkers = -1", "f", settings).has_error());
  CHECK(settings.to_toml() == SourcedSettings().to_toml());
}

TEST_CASE("load_settings_text survives a file cut anywhere", "[app][unit]") {
  const std::string whole =
      "[server]\nport = 8_080\nhost = '::1'\n[auth]\napi_password = \"\\u00e9\\\"\"\n"
      "[upstream]\nca_file = '''\nx'''\ndial_timeout = 1.5e0\n";
  REQUIRE(error_of(whole).empty());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    const std::string error = error_of(whole.substr(0, length));
    CHECK((error.empty() || error.starts_with("f.toml:")));
  }
}

TEST_CASE("load_settings_text reads what SourcedSettings prints", "[app][unit]") {
  SourcedSettings written;
  const auto set = [&](const char* name, const char* value) {
    REQUIRE(written.assign(name, PlainText{value}, "a \x1b\n\"b\" # c:1").has_value());
  };
  set("server.host", "::1");
  set("server.idle_timeout", "1.234");
  set("server.max_head_bytes", "1025");
  set("upstream.user_agent", "a \"quoted\\\" # agent");
  set("upstream.ca_file", "/tmp/\xc3\xa9\n\x7f");
  set("upstream.reach", "any");
  set("log.requests", "false");
  SourcedSettings read;
  const auto loaded = load_settings_text(written.to_toml(), "f.toml", read);
  INFO(written.to_toml());
  INFO((loaded ? "" : loaded.error().text));
  REQUIRE(loaded.has_value());
  for (const SettingKey& key : setting_keys()) {
    CAPTURE(key.name);
    CHECK(key.toml_value(read.values()) == key.toml_value(written.values()));
  }
}

TEST_CASE("load_settings_file says why a file cannot be read", "[app][unit]") {
  const test::TempDir folder;
  SourcedSettings settings;
  const auto error = [&](const std::string& path, Presence presence) {
    const auto loaded = load_settings_file(path, presence, settings);
    return loaded ? std::string() : loaded.error().text;
  };
  const std::string absent = (folder.path() / "absent.toml").string();
  const std::string file = folder.write("ok.toml", "[server]\nport = 1\n").string();
  const std::string cannot = ": cannot read the settings file: ";
  CHECK(error(absent, Presence::required) == absent + cannot + "No such file or directory");
  CHECK(error(absent, Presence::optional).empty());
  CHECK(error(file + "/x", Presence::optional).empty());
  CHECK(error(file + "/x", Presence::required) == file + "/x" + cannot + "Not a directory");
  CHECK(error(folder.path().string(), Presence::required) ==
        folder.path().string() + cannot + "Is a directory");
  CHECK(error(folder.path().string(), Presence::optional) ==
        folder.path().string() + cannot + "Is a directory");
  CHECK(error("/dev/zero", Presence::required) == "/dev/zero" + cannot + "it is larger than 1 MiB");
  CHECK(settings.values().server.port == server::Settings().port);
  CHECK(error(file, Presence::optional).empty());
  CHECK(settings.values().server.port == 1);
  CHECK(settings.source_of(*find_setting("server.port")) == file + ":2");
}

TEST_CASE("load_settings_file takes a file of just 1 MiB", "[app][unit]") {
  const test::TempDir folder;
  const std::string text = "[server]\nport = 1\n#";
  const std::string filler(1024 * 1024 - text.size(), 'x');
  SourcedSettings settings;
  CHECK(load_settings_file(folder.write("a.toml", text + filler), Presence::required, settings)
            .has_value());
  CHECK(
      load_settings_file(folder.write("b.toml", text + filler + "x"), Presence::required, settings)
          .has_error());
}

}  // namespace
}  // namespace sluice::app
