#pragma once

#include <string_view>
#include <vector>

#include "sluice/app/settings.hpp"

namespace sluice::app {

/// What becomes of settings that are loaded while the program runs.
struct SettingChange {
  Settings settings;                            ///< to be used from now on
  std::vector<std::string_view> applied;        ///< names of those that are different now
  std::vector<std::string_view> needs_restart;  ///< that would be different, but cannot change
};

/// `wanted`, but for what can change only with a restart (SettingKey::restart), which stays as it
/// is in `current`.
[[nodiscard]] SettingChange change_settings(const Settings& current, const Settings& wanted);

}  // namespace sluice::app
