#include "sluice/app/command_line.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace sluice::app {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kNoFile = "/no/such/sluice.toml";

/// A settings file that goes away with its test.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content)
      : path_(folder_.write("sluice.toml", content).string()) {}
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  test::TempDir folder_;
  std::string path_;
};

Invocation parsed(const Arguments& arguments, const std::string& system_file = kNoFile) {
  auto invocation = parse_command_line(arguments, {{}, kNoFile, system_file});
  INFO((invocation ? "" : invocation.error().text));
  REQUIRE(invocation.has_value());
  return std::move(*invocation);
}

std::string error_of(const Arguments& arguments, const std::string& system_file = kNoFile) {
  const auto invocation = parse_command_line(arguments, {{}, kNoFile, system_file});
  return invocation ? "" : invocation.error().text;
}

std::string source(const Invocation& invocation, const char* name) {
  return std::string(invocation.settings.source_of(*find_setting(name)));
}

TEST_CASE("Command line names its command", "[app][unit]") {
  struct Row {
    const char* why;
    Arguments arguments;
    Command want;
  };
  const Row rows[] = {
      {"nothing means serve", {}, Command::serve},
      {"serve", {"serve"}, Command::serve},
      {"demo", {"demo"}, Command::demo},
      {"check-config", {"check-config"}, Command::check_config},
      {"version", {"version"}, Command::version},
      {"version as a flag", {"--version"}, Command::version},
      {"help", {"--help"}, Command::help},
      {"help, short", {"-h"}, Command::help},
      {"help of a command", {"demo", "--help"}, Command::help},
      {"help before a command", {"--help", "demo"}, Command::help},
      {"a flag before the command", {"--set", "server.port=1", "demo"}, Command::demo},
      {"a flag after the command", {"demo", "--set", "server.port=1"}, Command::demo},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Invocation invocation = parsed(row.arguments);
    CHECK(invocation.command == row.want);
    const bool runs = row.want == Command::serve || row.want == Command::demo;
    CHECK(invocation.output.empty() == runs);
    CHECK((runs || invocation.output.back() == '\n'));
  }
}

TEST_CASE("Command line help names every command and flag", "[app][unit]") {
  for (const Arguments& arguments : {Arguments{"--help"}, Arguments{"demo", "--help"}}) {
    const std::string help = parsed(arguments).output;
    for (const char* word :
         {"serve", "demo", "check-config", "version", "--config FILE", "--listen HOST:PORT",
          "--set KEY=VALUE", "--help", "--version", "/etc/sluice/sluice.toml"}) {
      CAPTURE(word);
      CHECK_THAT(help, Catch::Contains(word));
    }
  }
}

TEST_CASE("Command line prints the version", "[app][unit]") {
  CHECK(parsed({"version"}).output == std::string("sluice ") + SLUICE_VERSION + "\n");
  CHECK(parsed({"--version"}, "/").output == parsed({"version"}, "/").output);
}

TEST_CASE("Command line listens where it is told", "[app][unit]") {
  struct Row {
    const char* why;
    const char* listen;
    const char* host;
    std::uint16_t port;
  };
  const Row rows[] = {
      {"IPv4", "127.0.0.1:8889", "127.0.0.1", 8889},
      {"IPv6", "[::1]:80", "::1", 80},
      {"a port of the system's choice", "127.0.0.2:0", "127.0.0.2", 0},
      {"localhost", "localhost:65535", "127.0.0.1", 65535},
      {"every IPv4 address", ":8888", "0.0.0.0", 8888},
      {"every IPv6 address", "[::]:8888", "::", 8888},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Invocation apart = parsed({"--listen", row.listen, "--set", "auth.open=true"});
    CHECK(apart.settings.values().server.host == row.host);
    CHECK(apart.settings.values().server.port == row.port);
    CHECK(source(apart, "server.host") == "--listen");
    CHECK(source(apart, "server.port") == "--listen");
    const Invocation joined =
        parsed({std::string("--listen=") + row.listen, "--set=auth.open=true", "serve"});
    CHECK(joined.settings.values().server.host == row.host);
  }
}

TEST_CASE("Command line sets single values", "[app][unit]") {
  const Invocation invocation =
      parsed({"--set", "server.port=1", "serve", "--set", "auth.api_password=a=b c", "--set",
              "server.port=2", "--set", "upstream.ca_file="});
  CHECK(invocation.command == Command::serve);
  CHECK(invocation.settings.values().server.port == 2);
  CHECK(invocation.settings.values().auth.api_password == "a=b c");
  CHECK(source(invocation, "server.port") == "--set");
  CHECK(source(invocation, "upstream.ca_file") == "--set");
  CHECK(source(invocation, "server.host") == "default");
}

TEST_CASE("Command line refuses what it cannot mean", "[app][unit]") {
  const std::string see = "; see `sluice --help`";
  const std::string commands = ", expected serve, demo, check-config or version";
  const std::string shape =
      "--listen: expected HOST:PORT, such as 127.0.0.1:8888, [::1]:8888 or :8888, got ";
  struct Row {
    const char* why;
    Arguments arguments;
    std::string text;
  };
  const Row rows[] = {
      {"unknown command", {"start"}, "unknown command \"start\"" + commands},
      {"empty command", {""}, "unknown command \"\"" + commands},
      {"control characters", {"a\x1b\n"}, "unknown command \"a\\u001b\\u000a\"" + commands},
      {"unknown option", {"--port", "1"}, "unknown option \"--port\"" + see},
      {"unknown option after a command", {"demo", "-x"}, "unknown option \"-x\"" + see},
      {"two commands", {"serve", "demo"}, "unexpected argument \"demo\" after the command"},
      {"a word too many", {"demo", "x"}, "unexpected argument \"x\" after the command"},
      {"flags for version", {"version", "--listen", ":1"}, "version takes no other options"},
      {"no value for --listen",
       {"--listen"},
       "--listen: expected a value after it; see `sluice --help`"},
      {"no value for --config",
       {"serve", "--config"},
       "--config: expected a value after it; see `sluice --help`"},
      {"no value for --set", {"--set"}, "--set: expected a value after it; see `sluice --help`"},
      {"--listen twice", {"--listen", ":1", "--listen", ":2"}, "--listen: may be given only once"},
      {"--config twice", {"--config=a", "--config=b"}, "--config: may be given only once"},
      {"--config of nothing",
       {"--config", ""},
       "--config: expected the path of a settings file, got nothing"},
      {"--config that is not there",
       {"--config", "/no/such"},
       "/no/such: cannot read the settings file: No such file or directory"},
      {"--listen without a port", {"--listen", "127.0.0.1"}, shape + "\"127.0.0.1\""},
      {"--listen of nothing", {"--listen", ""}, shape + "\"\""},
      {"--listen on a name",
       {"--listen", "example.org:80"},
       "--listen: server.host: expected an IPv4 or IPv6 address without brackets, or localhost, "
       "got \"example.org\""},
      {"--listen on no port",
       {"--listen", "127.0.0.1:65536"},
       "--listen: server.port: expected a whole number from 0 to 65535, got \"65536\""},
      {"--listen for all without a password",
       {"--listen", ":0"},
       "--listen: server.host: 0.0.0.0 can be reached from other machines and no password is set: "
       "set auth.api_password, or allow everyone with auth.open = true"},
      {"--set without a value shows nothing of it",
       {"--set", "hunter2"},
       "--set: expected KEY=VALUE, such as server.port=8888"},
      {"--set without a key",
       {"--set", "=1"},
       "--set: expected KEY=VALUE, such as server.port=8888"},
      {"--set of an unknown key",
       {"--set", "server.prot=1"},
       "--set: server.prot: unknown setting; did you mean server.port?"},
      {"--set of a wrong value",
       {"--set", "auth.open=2"},
       "--set: auth.open: expected true or false, got \"2\""},
      {"--set against --listen",
       {"--set", "server.port=1", "--listen", "127.0.0.1:2"},
       "--set: server.port: already set by --listen; give only one of them"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(error_of(row.arguments) == row.text);
  }
}

TEST_CASE("Command line flags win over the file and the file over defaults", "[app][unit]") {
  const TemporaryFile file("[server]\nport = 1\nworkers = 2\n");
  const Invocation invocation = parsed({"--config", file.path(), "--listen", "127.0.0.1:9"});
  CHECK(invocation.settings.values().server.port == 9);
  CHECK(invocation.settings.values().server.workers == 2);
  CHECK(source(invocation, "server.port") == "--listen");
  CHECK(source(invocation, "server.workers") == file.path() + ":3");
  CHECK(source(invocation, "server.max_headers") == "default");
}

TEST_CASE("Command line reads the system's file only without --config", "[app][unit]") {
  const TemporaryFile file("[server]\nworkers = 2\n");
  CHECK(parsed({}, file.path()).settings.values().server.workers == 2);
  CHECK(parsed({"check-config"}, file.path()).settings.values().server.workers == 2);
  CHECK(parsed({"--config", "/dev/null"}, file.path()).settings.values().server.workers == 0);
  CHECK(parsed({"demo"}, file.path()).settings.values().server.workers == 0);
  CHECK(error_of({}, "/") == "/: cannot read the settings file: Is a directory");
}

TEST_CASE("Command line lets demo reach its own origin", "[app][unit]") {
  const auto reach = [](const Invocation& invocation) {
    return invocation.settings.values().upstream.reach;
  };
  const Invocation demo = parsed({"demo"});
  CHECK(reach(demo) == upstream::Reach::any);
  CHECK(source(demo, "upstream.reach") == "demo");
  CHECK(reach(parsed({"serve"})) == upstream::Reach::lan);

  const Invocation flagged = parsed({"demo", "--set", "upstream.reach=public"});
  CHECK(reach(flagged) == upstream::Reach::public_only);
  CHECK(source(flagged, "upstream.reach") == "--set");

  const TemporaryFile file("[upstream]\nreach = \"lan\"\n");
  CHECK(reach(parsed({"demo", "--config", file.path()})) == upstream::Reach::lan);
}

TEST_CASE("Command line check-config prints values with their sources", "[app][unit]") {
  const TemporaryFile file("[auth]\napi_password = \"hunter2\"\n");
  const std::string output =
      parsed({"check-config", "--config", file.path(), "--set", "server.port=81"}).output;
  CHECK_THAT(output, Catch::StartsWith("[server]\n"));
  CHECK_THAT(output,
             Catch::Contains("host = \"127.0.0.1\"" + std::string(22, ' ') + "  # default\n"));
  CHECK_THAT(output, Catch::Contains("\nport = 81" + std::string(31, ' ') + "  # --set\n"));
  CHECK_THAT(output, Catch::Contains("\n\n[auth]\napi_password = \"********\""));
  CHECK_THAT(output, Catch::Contains("# " + file.path() + ":2\n"));
  CHECK_THAT(output, !Catch::Contains("hunter2"));

  CHECK(error_of({"check-config", "--set", "server.host=0.0.0.0"}).starts_with("--set: "));
}

}  // namespace
}  // namespace sluice::app
