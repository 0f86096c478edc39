#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/check.hpp"
#include "sluice/app/environment.hpp"
#include "sluice/app/proxy_note.hpp"
#include "sluice/app/settings_load.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"

using namespace sluice;
using namespace sluice::app;
using fuzz::check;

namespace {

/// Everything `settings` hold, secrets included.
std::string all_of(const SourcedSettings& settings) {
  std::string out;
  for (const SettingKey& key : setting_keys())
    out.append(key.toml_value(settings.values())).append(settings.source_of(key)).append("\n");
  return out;
}

void check_message(std::string_view text) {
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  check(!text.empty(), "a message says something");
  check(std::none_of(text.begin(), text.end(), control), "a message is one line");
  check(is_utf8(text), "a message is UTF-8");
}

/// Applies one source; what is refused changes nothing.
template <class Apply>
void apply(SourcedSettings& settings, Apply source) {
  const std::string before = all_of(settings);
  const Checked<> done = source(settings);
  if (done) return;
  check_message(done.error().text);
  check(all_of(settings) == before, "a source with an error changes nothing");
}

std::vector<Variable> environment_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  std::vector<const char*> pointers;
  pointers.reserve(lines.size() + 1);
  for (const std::string& line : lines) pointers.push_back(line.c_str());
  pointers.push_back(nullptr);
  return variables_of(pointers.data());
}

void check_listing(const SourcedSettings& settings) {
  SourcedSettings read;
  check(load_settings_text(settings.to_toml(), "listing", read).has_value(),
        "a listing is a settings file");
  check(read.notes().empty(), "a listing needs no notes");
  for (const SettingKey& key : setting_keys()) {
    if (key.secret) continue;
    check(key.toml_value(read.values()) == key.toml_value(settings.values()),
          "a listing gives the same settings");
  }
}

std::string_view cut(std::string_view& rest) {
  constexpr std::string_view kSeparator = "\n---\n";
  const std::size_t end = std::min(rest.find(kSeparator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + kSeparator.size(), rest.size()));
  return part;
}

}  // namespace

/// Input: a settings file, an .env file and environment variables, separated by lines "---".
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view toml = cut(rest);
  const std::string_view dotenv = cut(rest);
  SourcedSettings settings;
  apply(settings, [&](SourcedSettings& to) { return load_settings_text(toml, "f.toml", to); });
  apply(settings,
        [&](SourcedSettings& to) { return apply_variables(read_dotenv(dotenv, ".env", to), to); });
  apply(settings, [&](SourcedSettings& to) { return apply_variables(environment_of(rest), to); });
  for (const std::string& note : settings.notes()) check_message(note);
  static_cast<void>(proxy_note(settings.values().proxy));
  check_listing(settings);
  return 0;
}
