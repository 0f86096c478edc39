#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sluice/app/setting_value.hpp"
#include "sluice/app/settings.hpp"
#include "sluice/app/settings_error.hpp"

namespace sluice::app {

/// Reads and writes one member of Settings as a T, whatever type the member itself has.
template <class T>
struct Member {
  T (*get)(const Settings&);
  void (*set)(Settings&, T);
};

/// The types a setting can have. A new value is checked against `min` and `max`, both allowed.
struct BoolSetting {
  Member<bool> member;
};
struct CountSetting {
  Member<std::uint64_t> member;
  std::uint64_t min;
  std::uint64_t max;
};
/// In bytes; written as a number of bytes or as text such as "64 KiB".
struct SizeSetting {
  Member<std::uint64_t> member;
  std::uint64_t min;
  std::uint64_t max;
};
/// Written as a number of seconds or as text such as "500ms".
struct DurationSetting {
  Member<std::chrono::milliseconds> member;
  std::chrono::milliseconds min;
  std::chrono::milliseconds max;
};
struct TextSetting {
  Member<std::string> member;
  std::string_view expected;  ///< what `accept` takes, in words
  /// The text to store, or nullopt when it is refused. Non-UTF-8 text never gets here.
  std::optional<std::string> (*accept)(std::string_view);
  /// What a listing shows of a secret that is set; null: nothing.
  std::string (*mask)(std::string_view) = nullptr;
};
/// One of a few words; an enum whose values count up from 0.
struct ChoiceSetting {
  Member<std::uint8_t> member;
  std::string_view (*name_of)(std::uint8_t);  ///< empty after the last value
};
/// The table of transport routes; as text it is JSON.
struct RoutesSetting {
  Member<std::vector<upstream::RouteRule>> member;
};
using SettingType = std::variant<BoolSetting, CountSetting, SizeSetting, DurationSetting,
                                 TextSetting, ChoiceSetting, RoutesSetting>;

/// One setting: its name, its type, and the member of Settings that it stands for.
struct SettingKey {
  std::string_view name;  ///< "server.port": table, dot, key
  SettingType type;
  bool secret = false;   ///< the value appears in no message and no listing
  bool restart = false;  ///< a running program keeps the value it started with

  [[nodiscard]] std::string_view table() const noexcept;
  [[nodiscard]] std::string_view key_in_table() const noexcept;

  /// What a value of this setting looks like: "a whole number from 0 to 65535".
  [[nodiscard]] std::string expectation() const;

  /// Checks `value` and writes it into `settings`. On failure `settings` is unchanged and the error
  /// reads "expected ..., got ...", without the key and its source.
  [[nodiscard]] Checked<> assign(Settings& settings, const RawValue& value) const;

  /// Takes the value over from one to the other.
  void copy(const Settings& from, Settings& to) const;

  /// The value as it is written in the settings file; assigning it gives the same value again.
  /// A secret is spelled out: for listings use masked_value().
  [[nodiscard]] std::string toml_value(const Settings& settings) const;
  /// As toml_value(), but what is secret in it is "********".
  [[nodiscard]] std::string masked_value(const Settings& settings) const;
};

}  // namespace sluice::app
