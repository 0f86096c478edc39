#pragma once

#include <string_view>

namespace sluice::app {

/// The name of the setting that someone who wrote `name` most likely meant: a small misspelling,
/// or the right key in a wrong or missing table. Empty when nothing comes near.
[[nodiscard]] std::string_view nearest_setting(std::string_view name);

/// The same for the name of a table.
[[nodiscard]] std::string_view nearest_table(std::string_view table);

}  // namespace sluice::app
