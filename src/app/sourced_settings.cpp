#include "sluice/app/sourced_settings.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "sluice/app/listen_address.hpp"
#include "sluice/app/setting_names.hpp"

namespace sluice::app {
namespace {

constexpr std::string_view kDefaultSource = "default";
/// Column of the sources in to_toml(); longer lines push theirs to the right.
constexpr int kSourceColumn = 40;

std::size_t position(const SettingKey& key) noexcept {
  return static_cast<std::size_t>(&key - setting_keys().data());
}

/// Why `path` cannot be read; 0 when it can.
int read_problem(const std::string& path) noexcept {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return errno;
  char first = 0;
  const int problem = ::read(file, &first, 1) < 0 ? errno : 0;
  ::close(file);
  return problem;
}

}  // namespace

SettingsError setting_error(std::string_view source, std::string_view name,
                            std::string_view problem) {
  return {on_one_line(fmt::format("{}: {}: {}", source, name, problem))};
}

SettingsError unknown_setting(std::string_view source, std::string_view name) {
  const std::string_view meant = nearest_setting(name);
  if (meant.empty())
    return setting_error(source, name, "unknown setting; `sluice check-config` lists them all");
  return setting_error(source, name, fmt::format("unknown setting; did you mean {}?", meant));
}

SourcedSettings::SourcedSettings() : sources_(setting_keys().size(), std::string(kDefaultSource)) {}

std::string_view SourcedSettings::source_of(const SettingKey& key) const noexcept {
  return sources_[position(key)];
}

Checked<> SourcedSettings::assign(std::string_view name, const RawValue& value,
                                  std::string source) {
  const SettingKey* key = find_setting(name);
  if (key == nullptr) return unknown_setting(source, name);
  if (const auto assigned = key->assign(values_, value); !assigned) {
    const SettingsError& wrong = assigned.error();
    return setting_error(wrong.place.empty() ? source : wrong.place,
                         std::string(name) + wrong.below, wrong.text);
  }
  sources_[position(*key)] = std::move(source);
  return {};
}

SettingsError SourcedSettings::error_at(std::string_view name, std::string_view problem) const {
  return setting_error(source_of(*find_setting(name)), name, problem);
}

Checked<> SourcedSettings::check() const {
  if (is_exposed(values_.auth, values_.server.host)) {
    return error_at("server.host",
                    fmt::format("{} can be reached from other machines and no password is set: set "
                                "auth.api_password, or allow everyone with auth.open = true",
                                values_.server.host));
  }
  if (values_.auth.hide_destinations && values_.auth.api_password.empty()) {
    return error_at("auth.hide_destinations", "it needs auth.api_password, which makes the tokens");
  }
  const std::string& ca_file = values_.upstream.ca_file;
  if (const int problem = ca_file.empty() ? 0 : read_problem(ca_file); problem != 0) {
    return error_at("upstream.ca_file", fmt::format("cannot read {}: {}", toml_quote(ca_file),
                                                    std::generic_category().message(problem)));
  }
  return {};
}

void SourcedSettings::note(std::string_view text) {
  notes_.push_back(on_one_line(text));
}

std::string SourcedSettings::to_toml() const {
  std::string out;
  std::string_view table;
  for (const SettingKey& key : setting_keys()) {
    if (key.table() != table) {
      table = key.table();
      out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", table);
    }
    const std::string line = fmt::format("{} = {}", key.key_in_table(), key.masked_value(values_));
    out += fmt::format("{:<{}}  # {}\n", line, kSourceColumn, on_one_line(source_of(key)));
  }
  return out;
}

}  // namespace sluice::app
