#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

/// A command line that can be carried out.
struct Invocation {
  Command command = Command::serve;
  /// Checked; the built-in defaults for version and help.
  SourcedSettings settings;
  /// What check_config, version and help write to standard output, ending in a newline; that is all
  /// they do. Empty for serve and demo.
  std::string output;
};

/// Understands `sluice [serve|demo|check-config|version] [--config FILE] [--listen HOST:PORT]
/// [--set KEY=VALUE]...` and gathers the settings: built-in defaults, then the command's own
/// defaults, then the file, then the flags; the later wins.
///
/// `arguments` are those of main() without the program's name. `system_file` is read without
/// --config, except by `demo`, which shows the same on every machine. Fails with one line saying
/// what is wrong with the command line, the file or the settings. Does not print or exit.
[[nodiscard]] Checked<Invocation> parse_command_line(
    const std::vector<std::string>& arguments,
    const std::string& system_file = kSystemSettingsFile);

}  // namespace sluice::app
