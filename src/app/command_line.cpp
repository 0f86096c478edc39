#include "sluice/app/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "sluice/app/listen_address.hpp"
#include "sluice/app/proxy_note.hpp"
#include "sluice/app/settings_load.hpp"

#ifndef SLUICE_VERSION
#error "SLUICE_VERSION has to be defined as the version in quotes"
#endif

namespace sluice::app {
namespace {

struct CommandName {
  Command command;
  const char* name;
  const char* description;
};
constexpr std::array kCommands{
    CommandName{Command::serve, "serve", "Run the proxy (also without a command)"},
    CommandName{Command::demo, "demo", "Run the proxy with a built-in stream to play"},
    CommandName{Command::check_config, "check-config",
                "Check the settings and print them with their sources"},
    CommandName{Command::version, "version", "Print the version"},
};
constexpr const char* kCommandList = "serve, demo, check-config or version";

constexpr std::string_view kConfigPath = "CONFIG_PATH";

constexpr const char* kFooter =
    "Settings are taken from the flags, then from the environment (APP__SERVER__PORT=8888), then\n"
    "from .env in the working directory, then from the settings file, then from the defaults.\n"
    "Without --config the file is that of the variable CONFIG_PATH, or /etc/sluice/sluice.toml if\n"
    "it exists. demo reads neither environment nor .env, and no file but that of --config.\n"
    "`sluice check-config` lists every setting with its value and where it came from.";

/// The flags and words as given; lists, because giving a flag twice has to be noticed.
struct Words {
  std::vector<std::string> config;
  std::vector<std::string> listen;
  std::vector<std::string> set;
  std::vector<std::string> unknown;
  std::vector<Command> commands;
  bool version = false;
  bool help = false;
  std::string help_text;
};

CLI::Option* add_flag_with_value(CLI::App& app, const char* name, const char* value_name,
                                 const std::string& description) {
  return app.add_option(name, description)
      ->type_name(value_name)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void declare_commands(CLI::App& app) {
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.allow_extras();
  for (const CommandName& command : kCommands)
    app.add_subcommand(command.name, command.description)->set_help_flag();
}

SettingsError value_missing(std::string_view message) {
  const std::string_view flag = message.substr(0, message.find(':'));
  return {fmt::format("{}: expected a value after it; see `sluice --help`", on_one_line(flag))};
}

/// The command line in its parts. The only place where the library's exceptions appear.
Checked<Words> split_words(std::vector<std::string> arguments) {
  Words words;
  CLI::App app("Sluice, a streaming proxy for HLS", "sluice");
  app.set_help_flag("-h,--help", "Print this help");
  const std::string about_version = "Print the version";
  const CLI::Option* version = app.add_flag("--version", about_version);
  const CLI::Option* config = add_flag_with_value(app, "--config", "FILE", "Settings file (TOML)");
  const CLI::Option* listen = add_flag_with_value(
      app, "--listen", "HOST:PORT",
      "Address to listen on: 127.0.0.1:8888, [::1]:8888, :8888 for all IPv4 addresses");
  app.add_option("--set", words.set, "Set one value, as in log.level=debug; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  declare_commands(app);
  app.footer(kFooter);
  words.help_text = app.help();  // after parse() it would be that of the subcommand alone
  std::reverse(arguments.begin(), arguments.end());  // the order parse() wants
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    words.help = true;
  } catch (const CLI::ArgumentMismatch& error) {
    return value_missing(error.what());
  } catch (const CLI::Error& error) {
    return SettingsError{on_one_line(error.what())};
  }
  words.version = version->count() > 0;
  words.config = config->results();
  words.listen = listen->results();
  words.unknown = app.remaining(true);
  for (const CommandName& command : kCommands)
    if (app.got_subcommand(command.name)) words.commands.push_back(command.command);
  return words;
}

SettingsError unknown_word(const std::string& word) {
  const std::string shown = describe(PlainText{word});
  if (word.size() > 1 && word.front() == '-')
    return {fmt::format("unknown option {}; see `sluice --help`", shown)};
  return {fmt::format("unknown command {}, expected {}", shown, kCommandList)};
}

Command command_of(const Words& words) {
  if (words.help) return Command::help;
  if (words.version) return Command::version;
  return words.commands.empty() ? Command::serve : words.commands.front();
}

/// Refuses what cannot be meant: unknown or surplus words, a flag given twice or without effect.
Checked<> check_words(const Words& words) {
  if (!words.unknown.empty()) {
    const std::string& word = words.unknown.front();
    const bool surplus = !words.commands.empty() && !word.starts_with('-');
    if (!surplus) return unknown_word(word);
    return SettingsError{
        fmt::format("unexpected argument {} after the command", describe(PlainText{word}))};
  }
  if (words.config.size() > 1) return SettingsError{"--config: may be given only once"};
  if (words.listen.size() > 1) return SettingsError{"--listen: may be given only once"};
  if (!words.config.empty() && words.config.front().empty())
    return SettingsError{"--config: expected the path of a settings file, got nothing"};
  const bool flags = !words.config.empty() || !words.listen.empty() || !words.set.empty();
  if (flags && command_of(words) == Command::version)
    return SettingsError{"version takes no other options"};
  return {};
}

/// What a command needs to be different, unless file or flags say otherwise.
Checked<> apply_command_defaults(Command command, SourcedSettings& settings) {
  if (command != Command::demo) return {};
  // Its origin listens on loopback, where an ordinary proxy must not reach.
  return settings.assign("upstream.reach", PlainText{"any"}, "demo");
}

Checked<> apply_file(const Words& words, const Surroundings& surroundings,
                     const std::vector<Variable>& dotenv, SourcedSettings& settings) {
  if (!words.config.empty())
    return load_settings_file(words.config.front(), Presence::required, settings);
  const Variable* path = find_variable(surroundings.environment, kConfigPath);
  if (path == nullptr) path = find_variable(dotenv, kConfigPath);
  if (path != nullptr) return load_settings_file(path->value, Presence::noted, settings);
  return load_settings_file(surroundings.system_file, Presence::optional, settings);
}

/// Everything but the flags.
Checked<> apply_surroundings(Command command, const Words& words, const Surroundings& surroundings,
                             SourcedSettings& settings) {
  if (command == Command::demo)
    return words.config.empty() ? Checked<>() : apply_file(words, {}, {}, settings);
  const auto dotenv = load_dotenv(surroundings.dotenv_file, settings);
  if (auto done = apply_file(words, surroundings, dotenv, settings); !done) return done;
  if (auto done = apply_variables(dotenv, settings); !done) return done;
  return apply_variables(surroundings.environment, settings);
}

Checked<> apply_set(const std::string& word, bool listen_given, SourcedSettings& settings) {
  const std::size_t equals = word.find('=');
  // The word is not shown: it may hold a password.
  if (equals == std::string::npos || equals == 0)
    return SettingsError{"--set: expected KEY=VALUE, such as server.port=8888"};
  const std::string key = word.substr(0, equals);
  if (listen_given && (key == "server.host" || key == "server.port"))
    return setting_error("--set", key, "already set by --listen; give only one of them");
  return settings.assign(key, PlainText{word.substr(equals + 1)}, "--set");
}

Checked<> apply_listen(const std::string& word, SourcedSettings& settings) {
  auto address = split_host_and_port(word);
  if (!address) return SettingsError{"--listen: " + address.error().text};
  auto assigned = settings.assign("server.host", PlainText{std::move(address->host)}, "--listen");
  if (!assigned) return assigned;
  return settings.assign("server.port", PlainText{std::move(address->port)}, "--listen");
}

Checked<> apply_flags(const Words& words, SourcedSettings& settings) {
  for (const std::string& word : words.set)
    if (auto set = apply_set(word, !words.listen.empty(), settings); !set) return set;
  return words.listen.empty() ? Checked<>() : apply_listen(words.listen.front(), settings);
}

Checked<SourcedSettings> gather_settings(Command command, const Words& words,
                                         const Surroundings& surroundings) {
  SourcedSettings settings;
  if (auto done = apply_command_defaults(command, settings); !done) return done.error();
  if (auto done = apply_surroundings(command, words, surroundings, settings); !done)
    return done.error();
  if (auto done = apply_flags(words, settings); !done) return done.error();
  if (auto done = settings.check(); !done) return done.error();
  if (const std::string note = proxy_note(settings.values().proxy); !note.empty())
    settings.note(note);
  return settings;
}

/// What check-config prints: notes as comments, so that all of it is still a settings file.
std::string listing(const SourcedSettings& settings) {
  std::string out;
  for (const std::string& note : settings.notes()) out += fmt::format("# note: {}\n", note);
  if (!out.empty()) out += '\n';
  return out + settings.to_toml();
}

}  // namespace

Checked<Invocation> parse_command_line(const std::vector<std::string>& arguments,
                                       const Surroundings& surroundings) {
  auto words = split_words(arguments);
  if (!words) return words.error();
  Invocation invocation;
  invocation.command = command_of(*words);
  if (invocation.command == Command::help) {
    invocation.output = std::move(words->help_text);
    return invocation;
  }
  if (auto checked = check_words(*words); !checked) return checked.error();
  if (invocation.command == Command::version) {
    invocation.output = "sluice " SLUICE_VERSION "\n";
    return invocation;
  }
  auto settings = gather_settings(invocation.command, *words, surroundings);
  if (!settings) return settings.error();
  invocation.settings = std::move(*settings);
  if (invocation.command == Command::check_config) invocation.output = listing(invocation.settings);
  return invocation;
}

}  // namespace sluice::app
