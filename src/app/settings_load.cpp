#include "sluice/app/settings_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "settings_layer.hpp"
#include "sluice/app/setting_names.hpp"
#include "sluice/core/text.hpp"
#include "small_file.hpp"

// The header-only form without exceptions, whichever form the system's package would choose: errors
// are values here, and nothing needs to be linked.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
// Version 3.3 asserts some of what a file may well get wrong ("[=]"), before it reports the same as
// an error. The assertion would end the program, and with NDEBUG it becomes an assumption that lets
// the optimiser drop the report; so it is switched off, with NDEBUG out of the way.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace sluice::app {
namespace {

/// Keys of compatible servers that are secrets, none of which has an effect here.
constexpr std::string_view kForeignSecrets[] = {"url", "access_token", "api_hash",
                                                "session_string"};

/// For the tests of a compatible server.
constexpr std::string_view kIgnoredTable = "test_urls";

/// One `key = value` of the file, or a table where none belongs.
struct Entry {
  std::size_t line;
  std::string name;  ///< "server.port"
  RawValue value;
  bool top_level;  ///< stands outside every known table
};

std::size_t line_of(const toml::source_region& source) noexcept {
  return source.begin.line;
}

std::string place_of(std::string_view file, std::size_t line) {
  return fmt::format("{}:{}", file, line);
}

RawValue to_raw(const toml::node& node, std::string_view file);

/// In the order of the file; toml++ itself sorts by name.
RawTable to_raw_table(const toml::table& table, std::string_view file) {
  using Position = std::pair<toml::source_index, toml::source_index>;
  std::vector<std::pair<Position, RawEntry>> found;
  for (const auto& [key, node] : table) {
    const auto& begin = key.source().begin;
    found.push_back({{begin.line, begin.column},
                     {std::string(key.str()), place_of(file, begin.line), to_raw(node, file)}});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  RawTable out;
  for (auto& [position, entry] : found) out.entries.push_back(std::move(entry));
  return out;
}

RawValue to_raw(const toml::node& node, std::string_view file) {
  if (const auto value = node.value_exact<bool>()) return *value;
  if (const auto value = node.value_exact<std::int64_t>()) return *value;
  if (const auto value = node.value_exact<double>()) return *value;
  if (const auto value = node.value_exact<std::string>()) return *value;
  if (const auto* table = node.as_table()) return to_raw_table(*table, file);
  if (node.is_array()) return OtherType{"a list"};
  return OtherType{"a date or time"};
}

/// A key as it would have to be written: "a.b" in quotes is one key, not a path.
std::string spelled(const toml::key& key) {
  const std::string_view text = key.str();
  const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  return bare ? std::string(text) : toml_quote(text);
}

/// The file's entries in the order of their lines.
std::vector<Entry> entries_of(const toml::table& root, std::string_view file) {
  std::vector<Entry> entries;
  for (const auto& [table_key, node] : root) {
    const std::string table = spelled(table_key);
    const toml::table* members = is_setting_table(table) ? node.as_table() : nullptr;
    if (members == nullptr) {
      entries.push_back({line_of(table_key.source()), table, to_raw(node, file), true});
      continue;
    }
    for (const auto& [key, value] : *members)
      entries.push_back(
          {line_of(key.source()), table + "." + spelled(key), to_raw(value, file), false});
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.line < b.line; });
  return entries;
}

SettingsError misplaced(const Entry& entry, std::string_view source) {
  if (is_setting_table(entry.name))
    return setting_error(
        source, entry.name,
        fmt::format("expected the table [{}], got {}", entry.name, type_name(entry.value)));
  if (!std::holds_alternative<RawTable>(entry.value)) return unknown_setting(source, entry.name);
  const std::string_view meant = nearest_table(entry.name);
  return setting_error(source, entry.name,
                       meant.empty() ? std::string("unknown table")
                                     : fmt::format("unknown table; did you mean [{}]?", meant));
}

/// A name that is none of ours; true when it is one of a compatible server's. As environment
/// variables their names are the same, so that one table knows both.
Checked<bool> add_foreign(const Entry& entry, std::string_view file, SettingsLayer& layer) {
  const std::string name = structured_name(entry.name);
  const std::string source = fmt::format("{} {}", place_of(file, entry.line), entry.name);
  const bool table = entry.top_level && std::holds_alternative<RawTable>(entry.value);
  if (table && entry.name == kIgnoredTable) return true;
  if (const SettingAlias* alias = table ? nullptr : find_alias(name)) {
    if (auto added = layer.add(*alias, entry.value, source); !added) return added.error();
    return true;
  }
  if (!has_no_effect(table ? name + "__" : name)) return false;
  layer.note(source, "has no effect here");
  return true;
}

Checked<> add(const Entry& entry, std::string_view file, SettingsLayer& layer) {
  std::string source = place_of(file, entry.line);
  if (entry.top_level || find_setting(entry.name) == nullptr) {
    const auto foreign = add_foreign(entry, file, layer);
    if (!foreign) return foreign.error();
    if (*foreign) return {};
  }
  if (entry.top_level) return misplaced(entry, source);
  return layer.add(entry.name, entry.value, std::move(source));
}

/// The parser may quote what it cannot read, which no secret's line may come to.
std::string problem_of(const toml::parse_error& error, std::string_view text) {
  const auto lines = split(text, '\n');
  const std::size_t index = line_of(error.source()) - 1;
  const std::string_view line = index < lines.size() ? lines[index] : std::string_view();
  const auto in_line = [&](std::string_view key) { return line.find(key) != line.npos; };
  const bool secret =
      std::any_of(std::begin(kForeignSecrets), std::end(kForeignSecrets), in_line) ||
      std::any_of(setting_keys().begin(), setting_keys().end(),
                  [&](const SettingKey& key) { return key.secret && in_line(key.key_in_table()); });
  if (secret) return "the value of this line cannot be read; it has to be text in quotes";
  return std::string(error.description());
}

}  // namespace

Checked<> load_settings_text(std::string_view text, std::string_view name,
                             SourcedSettings& settings) {
  const toml::parse_result parsed = toml::parse(text, name);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return setting_error(place_of(name, line_of(error.source())), "not valid TOML",
                         problem_of(error, text));
  }
  SettingsLayer layer;
  for (const Entry& entry : entries_of(parsed.table(), name))
    if (auto added = add(entry, name, layer); !added) return added;
  std::move(layer).apply_to(settings);
  return {};
}

Checked<> load_settings_file(const std::string& path, Presence presence,
                             SourcedSettings& settings) {
  const SmallFile file = read_small_file(path);
  if (file.text) return load_settings_text(*file.text, path, settings);
  if (!file.absent || presence == Presence::required) {
    return SettingsError{
        on_one_line(fmt::format("{}: cannot read the settings file: {}", path, file.problem))};
  }
  if (presence == Presence::noted)
    settings.note(fmt::format("{}: there is no such settings file", path));
  return {};
}

}  // namespace sluice::app
