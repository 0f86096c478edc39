#include <fstream>

#include "sluice/app/command_line.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace sluice::app {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kNoFile = "/no/such/sluice.toml";

Invocation parsed(const Arguments& arguments, const Surroundings& surroundings) {
  auto invocation = parse_command_line(arguments, surroundings);
  INFO((invocation ? "" : invocation.error().text));
  REQUIRE(invocation.has_value());
  return std::move(*invocation);
}

std::string source(const Invocation& invocation, const char* name) {
  return std::string(invocation.settings.source_of(*find_setting(name)));
}

/// Sources of server.port, the weakest first; each says another number.
struct PortSource {
  const char* name;
  void (*add)(const test::TempDir& folder, Arguments& arguments, Surroundings& surroundings);
  const char* port;
  const char* source_end;
};
void append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::app) << text;
}
constexpr PortSource kPortSources[] = {
    {"defaults", [](const test::TempDir&, Arguments&, Surroundings&) {}, "8888", "default"},
    {"settings file",
     [](const test::TempDir& folder, Arguments& arguments, Surroundings&) {
       arguments.push_back("--config=" + folder.write("f.toml", "server.port = 2").string());
     },
     "2", "f.toml:1"},
    {".env, flat",
     [](const test::TempDir&, Arguments&, Surroundings& surroundings) {
       append(surroundings.dotenv_file, "PORT=3\n");
     },
     "3", ".env:1 PORT"},
    {".env, structured",
     [](const test::TempDir&, Arguments&, Surroundings& surroundings) {
       append(surroundings.dotenv_file, "app__server__port=4\n");
     },
     "4", " app__server__port"},
    {"environment, flat",
     [](const test::TempDir&, Arguments&, Surroundings& surroundings) {
       surroundings.environment.push_back({"PORT", "5"});
     },
     "5", "environment PORT"},
    {"environment, structured",
     [](const test::TempDir&, Arguments&, Surroundings& surroundings) {
       surroundings.environment.insert(surroundings.environment.begin(),
                                       {"APP__SERVER__PORT", "6"});
     },
     "6", "environment APP__SERVER__PORT"},
    {"command line",
     [](const test::TempDir&, Arguments& arguments, Surroundings&) {
       arguments.insert(arguments.begin(), "--set=server.port=7");
     },
     "7", "--set"},
};

TEST_CASE("Of two sources the stronger wins", "[app][unit]") {
  const SettingKey& port = *find_setting("server.port");
  for (const PortSource& weak : kPortSources) {
    for (const PortSource* strong = &weak; strong != std::end(kPortSources); ++strong) {
      CAPTURE(weak.name, strong->name);
      const test::TempDir folder;
      Arguments arguments;
      Surroundings surroundings{{}, (folder.path() / ".env").string(), kNoFile};
      weak.add(folder, arguments, surroundings);
      if (strong != &weak) strong->add(folder, arguments, surroundings);
      const Invocation invocation = parsed(arguments, surroundings);
      CHECK(port.toml_value(invocation.settings.values()) == strong->port);
      CHECK_THAT(source(invocation, "server.port"), Catch::EndsWith(strong->source_end));
    }
  }
}

TEST_CASE("The settings file is that of --config, CONFIG_PATH or the system", "[app][unit]") {
  const test::TempDir folder;
  const std::string system = folder.write("s.toml", "server.port = 1").string();
  const std::string named = folder.write("n.toml", "server.port = 2").string();
  const std::string given = folder.write("g.toml", "server.port = 3").string();
  const std::string dotenv = folder.write(".env", "CONFIG_PATH=" + named + "\n").string();
  const std::string absent = (folder.path() / "absent.toml").string();
  struct Row {
    const char* why;
    Arguments arguments;
    Surroundings surroundings;
    int port;
    std::vector<std::string> notes;
  };
  const Row rows[] = {
      {"the system's", {}, {{}, kNoFile, system}, 1, {}},
      {"of the environment", {}, {{{"config_path", named}}, kNoFile, system}, 2, {}},
      {"of .env", {}, {{}, dotenv, system}, 2, {}},
      {"environment over .env", {}, {{{"CONFIG_PATH", given}}, dotenv, system}, 3, {}},
      {"--config", {"--config", given}, {{{"CONFIG_PATH", named}}, dotenv, system}, 3, {}},
      {"empty", {}, {{{"CONFIG_PATH", ""}}, kNoFile, system}, 1, {}},
      {"not there",
       {},
       {{{"CONFIG_PATH", absent}}, kNoFile, system},
       8888,
       {absent + ": there is no such settings file"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Invocation invocation = parsed(row.arguments, row.surroundings);
    CHECK(invocation.settings.values().server.port == row.port);
    CHECK(invocation.settings.notes() == row.notes);
  }
  const auto wrong =
      parse_command_line({}, {{{"CONFIG_PATH", folder.path().string()}}, kNoFile, system});
  REQUIRE(wrong.has_error());
  CHECK_THAT(wrong.error().text, Catch::EndsWith("Is a directory"));
}

TEST_CASE("demo, version and help know nothing of the environment", "[app][unit]") {
  const test::TempDir folder;
  const std::string bad = folder.write("bad.toml", "[").string();
  const Surroundings surroundings{
      {{"PORT", "x"}, {"CONFIG_PATH", bad}}, folder.write(".env", "PORT=y\nz\n").string(), bad};
  for (const char* command : {"demo", "version", "--help"}) {
    CAPTURE(command);
    const Invocation invocation = parsed({command}, surroundings);
    CHECK(invocation.settings.values().server.port == 8888);
    CHECK(invocation.settings.notes().empty());
  }
  CHECK(parse_command_line({"serve"}, surroundings).has_error());
  const std::string given = folder.write("g.toml", "server.port = 3").string();
  CHECK(parsed({"demo", "--config", given}, surroundings).settings.values().server.port == 3);
}

TEST_CASE("A variable that does not fit is an error even below a flag", "[app][unit]") {
  const test::TempDir folder;
  const std::string dotenv = folder.write(".env", "\nPORT=x\n").string();
  const auto wrong = parse_command_line({"--set=server.port=1"}, {{}, dotenv, kNoFile});
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().text ==
        dotenv + ":2 PORT: server.port: expected a whole number from 0 to 65535, got \"x\"");
  const auto open = parse_command_line({}, {{{"GUNICORN_BIND", "0.0.0.0:1"}}, kNoFile, kNoFile});
  REQUIRE(open.has_error());
  CHECK_THAT(open.error().text, Catch::StartsWith("environment GUNICORN_BIND: server.host: 0.0.0.0 "
                                                  "can be reached from other machines"));
}

TEST_CASE("check-config prints notes and variables, and can be read again", "[app][unit]") {
  const test::TempDir folder;
  const std::string dotenv =
      folder.write(".env", "export API_PASSWORD=\"hunter2\"\nhunter2\nEPG_CACHE_TTL=1\n").string();
  const Surroundings surroundings{
      {{"APP__SERVER__PORT", "81"}, {"PROXY_URL", "http://me:hunter2@p"}}, dotenv, kNoFile};
  const std::string output = parsed({"check-config"}, surroundings).output;
  CHECK_THAT(output,
             Catch::StartsWith("# note: " + dotenv +
                               ":2: expected NAME=VALUE; the line is ignored\n# note: " + dotenv +
                               ":3 EPG_CACHE_TTL: has no effect here\n"
                               "# note: outgoing proxy: proxy.proxy_url (PROXY_URL) is set "
                               "but nothing uses it: set ALL_PROXY=true or a route\n\n"
                               "[server]\n"));
  CHECK_THAT(output, Catch::Contains("# environment APP__SERVER__PORT\n"));
  CHECK_THAT(output, Catch::Contains("api_password = \"********\""));
  CHECK_THAT(output, Catch::Contains("# " + dotenv + ":1 API_PASSWORD\n"));
  CHECK_THAT(output, !Catch::Contains("hunter2"));
  const std::string printed = folder.write("p.toml", output).string();
  CHECK(parsed({"--config", printed}, {{}, kNoFile, kNoFile}).settings.values().server.port == 81);
}

}  // namespace
}  // namespace sluice::app
