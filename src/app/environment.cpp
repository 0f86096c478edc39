#include "sluice/app/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "settings_layer.hpp"
#include "sluice/app/dotenv.hpp"
#include "sluice/app/setting_names.hpp"
#include "sluice/core/text.hpp"
#include "small_file.hpp"

namespace sluice::app {
namespace {

std::string in_capitals(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = ascii_upper(c);
  return out;
}

std::string unknown_variable(std::string_view dotted) {
  const std::string_view meant = nearest_setting(dotted);
  if (meant.empty()) return "unknown setting; `sluice check-config` lists them all";
  return fmt::format("unknown setting; did you mean {}?", structured_name(meant));
}

Checked<> add(const Variable& variable, SettingsLayer& layer) {
  if (variable.value.empty()) return {};
  const std::string name = in_capitals(variable.name);
  const RawValue value = PlainText{variable.value};
  if (const SettingAlias* alias = find_alias(name))
    return layer.add(*alias, value, variable.source());
  const std::string dotted = dotted_name(name);
  if (find_setting(dotted) != nullptr) return layer.add(dotted, value, variable.source());
  if (has_no_effect(name)) {
    layer.note(variable.source(), "has no effect here");
  } else if (!dotted.empty()) {
    layer.note(variable.source(), unknown_variable(dotted));
  }
  return {};
}

}  // namespace

std::vector<Variable> variables_of(const char* const* environment) {
  std::vector<Variable> out;
  for (; *environment != nullptr; ++environment) {
    const std::string_view line = *environment;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    out.push_back({std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))});
  }
  return out;
}

std::vector<Variable> read_dotenv(std::string_view text, std::string_view name,
                                  SourcedSettings& settings) {
  Dotenv file = parse_dotenv(text);
  for (const auto& [line, problem] : file.oddities)
    settings.note(fmt::format("{}:{}: {}; the line is ignored", name, line, problem));
  std::vector<Variable> out;
  for (Dotenv::Entry& entry : file.entries)
    out.push_back(
        {std::move(entry.name), std::move(entry.value), fmt::format("{}:{}", name, entry.line)});
  return out;
}

std::vector<Variable> load_dotenv(const std::string& path, SourcedSettings& settings) {
  const SmallFile file = read_small_file(path);
  if (file.text) return read_dotenv(*file.text, path, settings);
  if (!file.absent) settings.note(fmt::format("{}: cannot be read: {}", path, file.problem));
  return {};
}

const Variable* find_variable(const std::vector<Variable>& variables,
                              std::string_view name) noexcept {
  const auto found =
      std::find_if(variables.rbegin(), variables.rend(), [&](const Variable& variable) {
        return iequals(variable.name, name) && !variable.value.empty();
      });
  return found == variables.rend() ? nullptr : &*found;
}

Checked<> apply_variables(const std::vector<Variable>& variables, SourcedSettings& settings) {
  SettingsLayer layer;
  for (const Variable& variable : variables)
    if (auto added = add(variable, layer); !added) return added;
  std::move(layer).apply_to(settings);
  return {};
}

}  // namespace sluice::app
