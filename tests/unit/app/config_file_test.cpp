#include <fstream>
#include <map>
#include <sstream>

#include "sluice/app/settings_load.hpp"
#include "support/catch.hpp"

namespace sluice::app {
namespace {

constexpr const char* kPath = SLUICE_SOURCE_DIR "/config/sluice.toml";

std::vector<std::string> lines_of_file() {
  std::ifstream file(kPath);
  REQUIRE(file.good());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// A setting that is commented out: "#port = 8888".
bool is_setting(const std::string& line) {
  return line.size() > 1 && line[0] == '#' && line[1] != ' ';
}

/// The file with every setting switched on; lines keep their numbers.
std::string uncommented() {
  std::string text;
  for (const std::string& line : lines_of_file())
    text += (is_setting(line) ? line.substr(1) : line) + "\n";
  return text;
}

TEST_CASE("Settings file as delivered changes nothing", "[app][unit]") {
  SourcedSettings settings;
  const auto loaded = load_settings_file(kPath, Presence::required, settings);
  INFO((loaded ? "" : loaded.error().text));
  REQUIRE(loaded.has_value());
  for (const SettingKey& key : setting_keys()) {
    CAPTURE(key.name);
    CHECK(settings.source_of(key) == "default");
  }
}

TEST_CASE("Settings file lists every setting at its default", "[app][unit]") {
  SourcedSettings settings;
  const auto loaded = load_settings_text(uncommented(), "sluice.toml", settings);
  INFO((loaded ? "" : loaded.error().text));
  REQUIRE(loaded.has_value());
  const Settings defaults;
  for (const SettingKey& key : setting_keys()) {
    CAPTURE(key.name);
    CHECK(settings.source_of(key) != "default");
    CHECK(key.toml_value(settings.values()) == key.toml_value(defaults));
  }
}

TEST_CASE("Settings file says what each setting expects", "[app][unit]") {
  std::map<std::string, std::string> comments;  // by setting
  std::vector<std::string> order;
  std::string table;
  std::string comment;
  for (const std::string& line : lines_of_file()) {
    if (is_setting(line)) {
      order.push_back(table + "." + line.substr(1, line.find(' ') - 1));
      comments[order.back()] = comment;
    }
    if (line.starts_with('[')) table = line.substr(1, line.find(']') - 1);
    if (!line.starts_with("# ")) comment.clear();
    if (line.starts_with("# ")) comment.append(line).append("\n");
  }
  REQUIRE(order.size() == setting_keys().size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const SettingKey& key = setting_keys()[i];
    CAPTURE(key.name);
    CHECK(order[i] == key.name);
    const std::string value = "# Value: " + key.expectation() + ".\n";
    CHECK_THAT(comments[order[i]], Catch::EndsWith(value));
    // The effect comes before it, in words.
    CHECK(comments[order[i]].size() > value.size() + 20);
  }
}

TEST_CASE("Settings file fits an editor's window", "[app][unit]") {
  for (const std::string& line : lines_of_file()) {
    if (line.starts_with("#user_agent")) continue;
    CAPTURE(line);
    CHECK(line.size() <= 100);
  }
}

}  // namespace
}  // namespace sluice::app
