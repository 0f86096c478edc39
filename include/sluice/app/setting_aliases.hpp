#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/app/setting_keys.hpp"

namespace sluice::app {

/// What a value means under another server's name: settings with values, and what to tell the user.
struct AliasMeaning {
  struct Assignment {
    std::string_view setting;
    RawValue value;
  };
  std::vector<Assignment> assignments;
  std::vector<std::string> notes;
};

/// A name by which one of our settings is known in compatible servers.
struct SettingAlias {
  std::string_view name;     ///< in capitals: "PORT", "APP__PROXY__CONNECT_TIMEOUT"
  std::string_view setting;  ///< what it stands for, or the first of several
  /// Turns the value into settings; null: it is that of `setting`. Gets `setting`; an error reads
  /// "expected ..., got ..." and shows nothing that may be a login.
  Checked<AliasMeaning> (*read)(std::string_view setting, const RawValue& value) = nullptr;
  bool decisive = false;  ///< wins even over the APP__ name of the setting
};

/// All of them. Where one source has several names of a setting, the later in this list wins, and
/// the setting's own APP__ name wins over all but a decisive one. Static storage.
[[nodiscard]] std::span<const SettingAlias> setting_aliases() noexcept;

/// nullptr when there is none. `name` is in capitals.
[[nodiscard]] const SettingAlias* find_alias(std::string_view name) noexcept;

/// True for names of compatible servers that mean something this one does not have. In capitals.
[[nodiscard]] bool has_no_effect(std::string_view name) noexcept;

/// "server.port" as an environment variable: "APP__SERVER__PORT".
[[nodiscard]] std::string structured_name(std::string_view setting);

/// The opposite: "server.port" of "APP__SERVER__PORT", whether there is such a setting or not;
/// empty for names without APP__.
[[nodiscard]] std::string dotted_name(std::string_view structured);

}  // namespace sluice::app
