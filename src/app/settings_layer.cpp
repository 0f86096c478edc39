#include "settings_layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice::app {
namespace {

/// Above every alias that is not decisive.
constexpr std::size_t kOwnName = 1000;

std::size_t precedence_of(const SettingAlias& alias) noexcept {
  const auto row = static_cast<std::size_t>(&alias - setting_aliases().data());
  return alias.decisive ? kOwnName + 1 + row : row;
}

}  // namespace

Checked<> SettingsLayer::add(std::string_view setting, const RawValue& value, std::string source,
                             std::size_t precedence) {
  if (auto assigned = scratch_.assign(setting, value, source); !assigned) return assigned;
  const SettingKey* key = find_setting(setting);
  given_.push_back({key, value, std::move(source), precedence, key->toml_value(scratch_.values())});
  return {};
}

Checked<> SettingsLayer::add(std::string_view setting, const RawValue& value, std::string source) {
  return add(setting, value, std::move(source), kOwnName);
}

Checked<> SettingsLayer::add(const SettingAlias& alias, const RawValue& value, std::string source) {
  if (alias.read == nullptr)
    return add(alias.setting, value, std::move(source), precedence_of(alias));
  const auto meaning = alias.read(alias.setting, value);
  if (!meaning) return setting_error(source, alias.setting, meaning.error().text);
  for (const auto& [setting, meant] : meaning->assignments)
    if (auto added = add(setting, meant, source, precedence_of(alias)); !added) return added;
  for (const std::string& text : meaning->notes) note(source, text);
  return {};
}

void SettingsLayer::note(std::string_view source, std::string_view text) {
  notes_.push_back(fmt::format("{}: {}", source, text));
}

void SettingsLayer::apply_to(SourcedSettings& settings) && {
  std::stable_sort(given_.begin(), given_.end(),
                   [](const Given& a, const Given& b) { return a.precedence < b.precedence; });
  for (auto given = given_.begin(); given != given_.end(); ++given) {
    // Cannot fail: it did not when it was added.
    (void)settings.assign(given->key->name, given->value, given->source);
    const auto same = [&](const Given& other) { return other.key == given->key; };
    const auto winner = std::find_if(given + 1, given_.end(), same);
    if (winner == given_.end() || winner->as_toml == given->as_toml) continue;
    note(given->source, fmt::format("has no effect, because {} sets {}, too, to another value",
                                    winner->source, given->key->name));
  }
  for (const std::string& text : notes_) settings.note(text);
}

}  // namespace sluice::app
