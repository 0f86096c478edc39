#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/app/setting_aliases.hpp"
#include "sluice/app/sourced_settings.hpp"

namespace sluice::app {

/// What one source says, where a setting may have several names. Values are checked as they are
/// added, in the order of the source, and count together once the source is read, in the order of
/// their names' precedence.
class SettingsLayer {
 public:
  /// A setting under its own name. Errors as SourcedSettings::assign().
  [[nodiscard]] Checked<> add(std::string_view setting, const RawValue& value, std::string source);

  /// The same under another server's name.
  [[nodiscard]] Checked<> add(const SettingAlias& alias, const RawValue& value, std::string source);

  /// A note on what stands at `source`.
  void note(std::string_view source, std::string_view text);

  /// Assigns everything that was added, and hands over the notes. Two names that say different
  /// things of one setting are noted, without the values.
  void apply_to(SourcedSettings& settings) &&;

 private:
  struct Given {
    const SettingKey* key;
    RawValue value;
    std::string source;
    std::size_t precedence;
    std::string as_toml;  ///< to compare; may be a secret
  };
  [[nodiscard]] Checked<> add(std::string_view setting, const RawValue& value, std::string source,
                              std::size_t precedence);

  SourcedSettings scratch_;
  std::vector<Given> given_;
  std::vector<std::string> notes_;
};

}  // namespace sluice::app
