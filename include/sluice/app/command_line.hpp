#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/app/environment.hpp"
#include "sluice/app/sourced_settings.hpp"

namespace sluice::app {

/// Read when no --config is given and it exists.
inline constexpr const char* kSystemSettingsFile = "/etc/sluice/sluice.toml";

/// What the program is to do.
enum class Command : std::uint8_t {
  serve,         ///< run the proxy until a signal; also without any command
  demo,          ///< the same, with a stream of its own to play
  check_config,  ///< print the settings that would be used
  version,       ///< print the version
  help,          ///< print how to call the program
};

/// Where settings come from besides the command line.
struct Surroundings {
  std::vector<Variable> environment;
  std::string dotenv_file = ".env";
  std::string system_file = kSystemSettingsFile;
};

/// A command line that can be carried out.
struct Invocation {
  Command command = Command::serve;
  /// Checked, with notes; the built-in defaults for version and help.
  SourcedSettings settings;
  /// What check_config, version and help write to standard output, ending in a newline; that is all
  /// they do. Empty for serve and demo.
  std::string output;
};

/// Understands `sluice [serve|demo|check-config|version] [--config FILE] [--listen HOST:PORT]
/// [--set KEY=VALUE]...` and gathers the settings: built-in defaults, then the command's own
/// defaults, then the settings file, the .env file, the environment and the flags; the later wins.
/// The settings file is that of --config, or that of the variable CONFIG_PATH, which need not be
/// there, or the system's. `demo`, which shows the same on every machine, reads that of --config
/// only, and neither .env nor environment.
///
/// `arguments` are those of main() without the program's name. Fails with one line saying what is
/// wrong with the command line, a file, a variable or the settings. Does not print or exit.
[[nodiscard]] Checked<Invocation> parse_command_line(const std::vector<std::string>& arguments,
                                                     const Surroundings& surroundings);

}  // namespace sluice::app
