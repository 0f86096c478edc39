#include "sluice/app/setting_change.hpp"

#include "sluice/app/setting_keys.hpp"

namespace sluice::app {

SettingChange change_settings(const Settings& current, const Settings& wanted) {
  SettingChange change{wanted, {}, {}};
  for (const auto& key : setting_keys()) {
    if (key.toml_value(current) == key.toml_value(wanted)) continue;
    (key.restart ? change.needs_restart : change.applied).push_back(key.name);
    if (key.restart) key.copy(current, change.settings);
  }
  return change;
}

}  // namespace sluice::app
