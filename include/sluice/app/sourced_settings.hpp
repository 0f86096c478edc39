#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/app/setting_keys.hpp"

namespace sluice::app {

/// Settings together with where each value came from. Starts with the built-in defaults; sources
/// are applied one after the other, and a later one overrides an earlier one.
class SourcedSettings {
 public:
  SourcedSettings();

  [[nodiscard]] const Settings& values() const noexcept { return values_; }

  /// Where the value of `key` came from, as given to assign(); "default" when never assigned. The
  /// view lives until the key is assigned again.
  [[nodiscard]] std::string_view source_of(const SettingKey& key) const noexcept;

  /// Sets the setting called `name`. `source` says where `value` stands ("sluice.toml:12",
  /// "--set"). Fails, leaving everything as it was, when there is no such setting or the value does
  /// not fit; the error reads "SOURCE: NAME: what is wrong".
  [[nodiscard]] Checked<> assign(std::string_view name, const RawValue& value, std::string source);

  /// Settings that are right one by one but not together, checked when all sources are applied:
  /// an address other than loopback without a password, unless `auth.open` allows it; a certificate
  /// file that cannot be read. The error reads as that of assign().
  [[nodiscard]] Checked<> check() const;

  /// Something the user should know though it is no error: one line, which never holds a secret.
  void note(std::string_view text);
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }

  /// All settings as a settings file, each line ending in a comment with its source; secrets are
  /// masked. Read as a file it gives the same settings, but for the secrets.
  [[nodiscard]] std::string to_toml() const;

 private:
  [[nodiscard]] SettingsError error_at(std::string_view name, std::string_view problem) const;

  Settings values_;
  std::vector<std::string> sources_;  ///< by position in setting_keys()
  std::vector<std::string> notes_;
};

/// "SOURCE: NAME: PROBLEM", the form of every message about one setting.
[[nodiscard]] SettingsError setting_error(std::string_view source, std::string_view name,
                                          std::string_view problem);

/// What is wrong with a name that is no setting, with the nearest one that is.
[[nodiscard]] SettingsError unknown_setting(std::string_view source, std::string_view name);

}  // namespace sluice::app
