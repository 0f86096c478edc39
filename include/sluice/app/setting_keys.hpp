#pragma once

#include <span>
#include <string_view>

#include "sluice/app/setting_key.hpp"

namespace sluice::app {

/// Every setting there is, grouped by table, in the order of config/sluice.toml. Static storage.
[[nodiscard]] std::span<const SettingKey> setting_keys() noexcept;

/// The setting with exactly this name; nullptr when there is none.
[[nodiscard]] const SettingKey* find_setting(std::string_view name) noexcept;

/// True when some setting is in `table`.
[[nodiscard]] bool is_setting_table(std::string_view table) noexcept;

}  // namespace sluice::app
