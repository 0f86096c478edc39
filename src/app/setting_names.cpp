#include "sluice/app/setting_names.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

#include "sluice/app/setting_keys.hpp"

namespace sluice::app {
namespace {

/// Longer names are no misspelling of ours, and would only cost time.
constexpr std::size_t kLongestName = 64;

/// Edits (one character added, removed or changed) that turn `a` into `b`; Levenshtein's distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

/// How many edits still count as a misspelling: two letters swapped, or two fifths of a long name.
std::size_t edit_limit(std::string_view name) noexcept {
  return std::max<std::size_t>(name.size() < 4 ? 1 : 2, name.size() * 2 / 5);
}

}  // namespace

std::string_view nearest_setting(std::string_view name) {
  if (name.size() > kLongestName) return {};
  const std::size_t dot = name.find('.');
  const std::string_view table = dot == std::string_view::npos ? "" : name.substr(0, dot);
  const std::string_view key = dot == std::string_view::npos ? name : name.substr(dot + 1);
  std::string_view nearest;
  std::tuple best{edit_limit(key), std::numeric_limits<std::size_t>::max()};
  for (const SettingKey& setting : setting_keys()) {
    const std::tuple distance{edit_distance(key, setting.key_in_table()),
                              edit_distance(table, setting.table())};
    if (distance >= best) continue;
    best = distance;
    nearest = setting.name;
  }
  return nearest;
}

std::string_view nearest_table(std::string_view table) {
  if (table.size() > kLongestName) return {};
  std::string_view nearest;
  std::size_t best = edit_limit(table) + 1;
  for (const SettingKey& setting : setting_keys()) {
    const std::size_t distance = edit_distance(table, setting.table());
    if (distance >= best) continue;
    best = distance;
    nearest = setting.table();
  }
  return nearest;
}

}  // namespace sluice::app
