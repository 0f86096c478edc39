#include "alias_meaning.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "json_value.hpp"
#include "sluice/app/listen_address.hpp"
#include "sluice/core/text.hpp"
#include "sluice/upstream/outgoing_proxy.hpp"

namespace sluice::app {
namespace {

constexpr std::string_view kObjectExpected =
    "a JSON object with proxy_url, all_proxy, transport_routes and "
    "disable_ssl_verification_globally";

std::optional<bool> as_bool(const RawValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  const auto* plain = std::get_if<PlainText>(&value);
  return plain ? parse_bool(plain->text) : std::nullopt;
}

/// The value is not shown: it may hold a login.
SettingsError mismatch(std::string_view expected, const RawValue& value) {
  return {fmt::format("expected {}, got {}", expected, type_name(value))};
}

AliasMeaning means(std::string_view setting, RawValue value) {
  return {{{setting, std::move(value)}}, {}};
}

std::optional<std::string_view> our_level(std::string_view theirs) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kLevels{{
      {"trace", "debug"},
      {"debug", "debug"},
      {"info", "info"},
      {"warn", "warning"},
      {"warning", "warning"},
      {"error", "error"},
      {"critical", "error"},
      {"fatal", "error"},
      {"off", "off"},
  }};
  for (const auto& [name, level] : kLevels)
    if (iequals(name, theirs)) return level;
  return std::nullopt;
}

/// One field of TRANSPORT_CONFIG, added to `meaning`.
Checked<> read_transport_field(const RawEntry& field, AliasMeaning& meaning) {
  if (is_json_null(field.value)) return {};
  const auto add = [&](Checked<AliasMeaning> read) -> Checked<> {
    if (!read) return read.error();
    for (auto& one : read->assignments) meaning.assignments.push_back(std::move(one));
    return {};
  };
  if (field.key == "proxy_url") return add(means("proxy.proxy_url", field.value));
  if (field.key == "all_proxy") return add(read_all_proxy("proxy.all_proxy", field.value));
  if (field.key == "transport_routes") return add(means("proxy.transport_routes", field.value));
  if (field.key == "disable_ssl_verification_globally")
    return add(read_inverted("upstream.verify_tls", field.value));
  meaning.notes.push_back(fmt::format("{} has no effect here", describe(PlainText{field.key})));
  return {};
}

}  // namespace

Checked<AliasMeaning> read_inverted(std::string_view setting, const RawValue& value) {
  const auto flag = as_bool(value);
  if (!flag) return SettingsError{fmt::format("expected true or false, got {}", describe(value))};
  return means(setting, !*flag);
}

Checked<AliasMeaning> read_level(std::string_view setting, const RawValue& value) {
  const auto text = as_text(value);
  const auto level = text ? our_level(trim(*text)) : std::nullopt;
  return means(setting, level ? RawValue(std::string(*level)) : value);
}

Checked<AliasMeaning> read_rust_log(std::string_view setting, const RawValue& value) {
  const std::string_view text = as_text(value).value_or("");
  AliasMeaning meaning;
  for (const std::string_view part : split(text.substr(0, text.find('/')), ','))
    if (const auto level = our_level(trim(part))) meaning = means(setting, std::string(*level));
  if (meaning.assignments.empty())
    meaning.notes.emplace_back("names no level for everything, so it has no effect here");
  return meaning;
}

Checked<AliasMeaning> read_bind(std::string_view setting, const RawValue& value) {
  const auto text = as_text(value);
  if (!text) return mismatch("HOST:PORT", value);
  const auto binds = split(*text, ',');
  const std::string_view first = trim(binds.front());
  AliasMeaning meaning;
  if (binds.size() > 1) meaning.notes.emplace_back("of several addresses only the first counts");
  if (parse_listen_host(first)) {
    meaning.assignments = {{setting, PlainText{std::string(first)}}};
    return meaning;
  }
  auto address = split_host_and_port(first);
  if (!address) return address.error();
  meaning.assignments = {{setting, PlainText{std::move(address->host)}},
                         {"server.port", PlainText{std::move(address->port)}}};
  return meaning;
}

Checked<AliasMeaning> read_all_proxy(std::string_view setting, const RawValue& value) {
  if (const auto flag = as_bool(value)) return means(setting, *flag);
  const auto text = as_text(value);
  if (!text || !upstream::parse_proxy_url(*text))
    return mismatch("true or false, or the URL of an outgoing proxy", value);
  return AliasMeaning{{{setting, true}, {"proxy.proxy_url", std::string(*text)}}, {}};
}

Checked<AliasMeaning> read_follow_redirects(std::string_view setting, const RawValue& value) {
  const auto follow = as_bool(value);
  if (!follow) return SettingsError{fmt::format("expected true or false, got {}", describe(value))};
  return *follow ? AliasMeaning() : means(setting, std::int64_t{0});
}

Checked<AliasMeaning> read_start_offset(std::string_view setting, const RawValue& value) {
  const auto text = as_text(value);
  if (!text) return mismatch("a number of seconds", value);
  const auto offset = trim(*text);
  if (offset.starts_with('-')) return means(setting, PlainText{std::string(offset.substr(1))});
  if (offset.find_first_not_of("0.") == offset.npos) return means(setting, PlainText{"0"});
  return SettingsError{
      fmt::format("expected seconds from the end, as in -18, got {}", describe(value))};
}

Checked<AliasMeaning> read_transport_config(std::string_view, const RawValue& value) {
  const auto text = as_text(value);
  if (!text) return mismatch(kObjectExpected, value);
  const auto parsed = parse_json(*text, kObjectExpected);
  if (!parsed) return parsed.error();
  const auto* object = std::get_if<RawTable>(&*parsed);
  if (object == nullptr) return mismatch(kObjectExpected, *parsed);
  AliasMeaning meaning;
  for (const RawEntry& field : object->entries)
    if (auto read = read_transport_field(field, meaning); !read) return read.error();
  return meaning;
}

}  // namespace sluice::app
