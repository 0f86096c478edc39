#include "sluice/app/setting_key.hpp"

#include <fmt/format.h>

#include <utility>

#include "sluice/app/routes_value.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"

namespace sluice::app {
namespace {

constexpr std::string_view kMask = "\"********\"";

std::optional<std::uint64_t> not_negative(const RawValue& value) noexcept {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

/// The value in the type of the setting, or nullopt when `value` is of another type. Only what came
/// as PlainText is guessed at; in the file, 8888 and "8888" are two things.
std::optional<bool> convert(const BoolSetting&, const RawValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* plain = std::get_if<PlainText>(&value)) return parse_bool(plain->text);
  return std::nullopt;
}

std::optional<std::uint64_t> convert(const CountSetting& type, const RawValue& value) {
  auto count = not_negative(value);
  if (const auto* plain = std::get_if<PlainText>(&value)) count = parse_u64(plain->text);
  if (!count || *count < type.min || *count > type.max) return std::nullopt;
  return count;
}

std::optional<std::uint64_t> convert(const SizeSetting& type, const RawValue& value) {
  const auto text = as_text(value);
  const auto bytes = text ? parse_size(*text) : not_negative(value);
  if (!bytes || *bytes < type.min || *bytes > type.max) return std::nullopt;
  return bytes;
}

std::optional<std::chrono::milliseconds> seconds_of(const RawValue& value) {
  if (const auto text = as_text(value)) return parse_duration(*text);
  if (const auto* whole = std::get_if<std::int64_t>(&value))
    return to_milliseconds(static_cast<double>(*whole));
  if (const auto* decimal = std::get_if<double>(&value)) return to_milliseconds(*decimal);
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> convert(const DurationSetting& type,
                                                 const RawValue& value) {
  const auto length = seconds_of(value);
  if (!length || *length < type.min || *length > type.max) return std::nullopt;
  return length;
}

std::optional<std::string> convert(const TextSetting& type, const RawValue& value) {
  const auto text = as_text(value);
  if (!text || !is_utf8(*text)) return std::nullopt;
  return type.accept(*text);
}

std::optional<std::uint8_t> convert(const ChoiceSetting& type, const RawValue& value) {
  const auto text = as_text(value);
  if (!text || text->empty()) return std::nullopt;
  const bool any_case = std::holds_alternative<PlainText>(value);
  for (std::uint8_t i = 0; !type.name_of(i).empty(); ++i)
    if (type.name_of(i) == *text || (any_case && iequals(type.name_of(i), *text))) return i;
  return std::nullopt;
}

std::optional<std::vector<upstream::RouteRule>> convert(const RoutesSetting&,
                                                        const RawValue& value) {
  auto routes = read_routes(value);
  return routes ? std::optional(*std::move(routes)) : std::nullopt;
}

std::string expected(const BoolSetting&) {
  return "true or false";
}
std::string expected(const CountSetting& type) {
  return fmt::format("a whole number from {} to {}", type.min, type.max);
}
std::string expected(const SizeSetting& type) {
  return fmt::format("a size from {} to {}, as a number of bytes or with B, KiB, MiB or GiB",
                     format_size(type.min), format_size(type.max));
}
std::string expected(const DurationSetting& type) {
  return fmt::format("a time from {} to {}, as a number of seconds or with ms, s, min, h or d",
                     format_duration(type.min), format_duration(type.max));
}
std::string expected(const TextSetting& type) {
  return std::string(type.expected);
}
std::string expected(const ChoiceSetting& type) {
  std::string out = "one of";
  for (std::uint8_t i = 0; !type.name_of(i).empty(); ++i)
    out += fmt::format("{} {}", i == 0 ? "" : ",", type.name_of(i));
  return out;
}
std::string expected(const RoutesSetting&) {
  return std::string(kRoutesExpected);
}

std::string print(const BoolSetting& type, const Settings& from) {
  return type.member.get(from) ? "true" : "false";
}
std::string print(const CountSetting& type, const Settings& from) {
  return fmt::to_string(type.member.get(from));
}
std::string print(const SizeSetting& type, const Settings& from) {
  return toml_quote(format_size(type.member.get(from)));
}
std::string print(const DurationSetting& type, const Settings& from) {
  return toml_quote(format_duration(type.member.get(from)));
}
std::string print(const TextSetting& type, const Settings& from) {
  return toml_quote(type.member.get(from));
}
std::string print(const ChoiceSetting& type, const Settings& from) {
  return toml_quote(type.name_of(type.member.get(from)));
}
std::string print(const RoutesSetting& type, const Settings& from) {
  return print_routes(type.member.get(from), ShowLogins::yes);
}

/// The commonest mistake, a value of the right look with too many or too few quotes, named.
std::string_view quoting_advice(const SettingType& type, const RawValue& value) {
  const bool wants_text =
      std::holds_alternative<TextSetting>(type) || std::holds_alternative<ChoiceSetting>(type);
  if (wants_text) return as_text(value) ? "" : "; put it in quotes";
  const auto* quoted = std::get_if<std::string>(&value);
  if (quoted == nullptr) return "";
  if (std::holds_alternative<BoolSetting>(type) && *quoted != "true" && *quoted != "false")
    return "";
  const RawValue plain = PlainText{*quoted};
  const bool right = std::visit([&](const auto& t) { return convert(t, plain).has_value(); }, type);
  return right ? "; leave out the quotes" : "";
}

}  // namespace

std::string_view SettingKey::table() const noexcept {
  return name.substr(0, name.find('.'));
}

std::string_view SettingKey::key_in_table() const noexcept {
  return name.substr(name.find('.') + 1);
}

std::string SettingKey::expectation() const {
  return std::visit([](const auto& t) { return expected(t); }, type);
}

Checked<> SettingKey::assign(Settings& settings, const RawValue& value) const {
  if (const auto* table = std::get_if<RoutesSetting>(&type)) {
    auto routes = read_routes(value);
    if (!routes) return std::move(routes).error();
    table->member.set(settings, *std::move(routes));
    return {};
  }
  const auto store = [&](const auto& t) {
    auto converted = convert(t, value);
    if (!converted) return false;
    t.member.set(settings, *std::move(converted));
    return true;
  };
  if (std::visit(store, type)) return {};
  return SettingsError{fmt::format("expected {}, got {}{}", expectation(),
                                   secret ? std::string(type_name(value)) : describe(value),
                                   quoting_advice(type, value))};
}

std::string SettingKey::toml_value(const Settings& settings) const {
  return std::visit([&](const auto& t) { return print(t, settings); }, type);
}

std::string SettingKey::masked_value(const Settings& settings) const {
  std::string value = toml_value(settings);
  if (!secret) return value;
  if (const auto* routes = std::get_if<RoutesSetting>(&type)) {
    return print_routes(routes->member.get(settings), ShowLogins::no);
  }
  if (value == toml_quote("")) return value;
  const auto* text = std::get_if<TextSetting>(&type);
  return text && text->mask ? toml_quote(text->mask(text->member.get(settings)))
                            : std::string(kMask);
}

void SettingKey::copy(const Settings& from, Settings& to) const {
  std::visit([&](const auto& known) { known.member.set(to, known.member.get(from)); }, type);
}

}  // namespace sluice::app
