#pragma once

#include <string>
#include <string_view>

#include "sluice/app/sourced_settings.hpp"

namespace sluice::app {

/// Whether a settings file has to be there.
enum class Presence {
  required,
  noted,  ///< if not, there is a note
  optional,
};

/// Reads the TOML file at `path` and assigns what it says, with "PATH:LINE" as the source. Without
/// the file, `optional` leaves `settings` as they are. Names of compatible servers are taken as in
/// the environment (APP__PROXY__CONNECT_TIMEOUT is connect_timeout in [proxy]), with "PATH:LINE
/// NAME" as the source.
///
/// Fails with one line "PATH:LINE: KEY: what is wrong" when the file cannot be read, is larger than
/// 1 MiB, is not TOML, or has an unknown table, an unknown key or a value that does not fit; the
/// first such line counts. `settings` are then as before.
[[nodiscard]] Checked<> load_settings_file(const std::string& path, Presence presence,
                                           SourcedSettings& settings);

/// The same for a file's text; `name` stands for its path in messages and sources.
[[nodiscard]] Checked<> load_settings_text(std::string_view text, std::string_view name,
                                           SourcedSettings& settings);

}  // namespace sluice::app
