#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/app/sourced_settings.hpp"

namespace sluice::app {

/// A variable of the environment or of an .env file.
struct Variable {
  std::string name;
  std::string value;
  std::string place = "environment";  ///< or ".env:3"

  /// For messages: "environment PORT".
  [[nodiscard]] std::string source() const { return place + " " + name; }
};

/// The variables of `environment`, a list of NAME=VALUE that ends in null, as main() has it.
[[nodiscard]] std::vector<Variable> variables_of(const char* const* environment);

/// The variables of the .env file at `path`, none if it is not there. What cannot be read (a line,
/// or the whole file, for instance because it is larger than 1 MiB) is left out and noted.
[[nodiscard]] std::vector<Variable> load_dotenv(const std::string& path, SourcedSettings& settings);

/// The same for a file's text; `name` stands for its path.
[[nodiscard]] std::vector<Variable> read_dotenv(std::string_view text, std::string_view name,
                                                SourcedSettings& settings);

/// The last variable called `name`, in any case, that has a value; nullptr when there is none.
[[nodiscard]] const Variable* find_variable(const std::vector<Variable>& variables,
                                            std::string_view name) noexcept;

/// Assigns what the variables of one source say, whose names are taken in any case:
/// APP__TABLE__KEY, and those of setting_aliases(). An empty value is as if the variable was not
/// set. Names without effect, unknown APP__ names and contradictions are noted; other names are not
/// ours and ignored.
///
/// Fails with "PLACE NAME: SETTING: what is wrong" when a value does not fit, leaving `settings` as
/// they were.
[[nodiscard]] Checked<> apply_variables(const std::vector<Variable>& variables,
                                        SourcedSettings& settings);

}  // namespace sluice::app
