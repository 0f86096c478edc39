#include "sluice/app/setting_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"
#include "sluice/upstream/outgoing_proxy.hpp"

namespace sluice::app {
namespace {

/// Longer values are shortened in messages.
constexpr std::size_t kShownText = 80;
/// Upper end of what to_milliseconds() takes; far above every setting's own limit.
constexpr double kLongestSeconds = 1000.0 * 365 * 24 * 3600;

struct SizeUnit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array kSizeUnits{SizeUnit{"GiB", std::uint64_t{1} << 30},
                                SizeUnit{"MiB", std::uint64_t{1} << 20},
                                SizeUnit{"KiB", std::uint64_t{1} << 10}, SizeUnit{"B", 1}};

struct TimeUnit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array kTimeUnits{TimeUnit{"d", 86'400'000}, TimeUnit{"h", 3'600'000},
                                TimeUnit{"min", 60'000}, TimeUnit{"s", 1'000}, TimeUnit{"ms", 1}};

struct NumberAndUnit {
  std::string_view number;
  std::string_view unit;
};

NumberAndUnit split_unit(std::string_view text) noexcept {
  text = trim(text);
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  return {text.substr(0, end), trim(text.substr(end))};
}

template <std::size_t N, class Unit>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view name) noexcept {
  const auto* found =
      std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? nullptr : found;
}

/// The unit a value is written in: the largest one that divides it.
template <std::size_t N, class Unit, class Value>
const Unit& unit_for(const std::array<Unit, N>& units, Value value, Value Unit::*size) noexcept {
  return *std::find_if(units.begin(), units.end(),
                       [&](const Unit& unit) { return value % (unit.*size) == 0; });
}

void append_toml_escaped(std::string& out, char c, bool ascii_only) {
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (byte < 0x20 || byte == 0x7f || (ascii_only && byte > 0x7f)) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
  } else {
    out += c;
  }
}

/// Cuts at a character's start, so that the shortened text is still UTF-8.
std::string_view shortened(std::string_view text) noexcept {
  std::size_t end = kShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string describe_text(std::string_view text) {
  const std::string masked = upstream::mask_proxy_url(text);
  if (masked.size() <= kShownText) return toml_quote(masked);
  return toml_quote(shortened(masked)) + "...";
}

struct Describe {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::to_string(value); }
  std::string operator()(double value) const { return fmt::to_string(value); }
  std::string operator()(const std::string& value) const { return describe_text(value); }
  std::string operator()(const OtherType& value) const { return std::string(value.name); }
  std::string operator()(const PlainText& value) const { return describe_text(value.text); }
  std::string operator()(const RawTable&) const { return "a table"; }
};

}  // namespace

std::optional<std::string_view> as_text(const RawValue& value) noexcept {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* plain = std::get_if<PlainText>(&value)) return plain->text;
  return std::nullopt;
}

std::string_view type_name(const RawValue& value) noexcept {
  if (const auto* other = std::get_if<OtherType>(&value)) return other->name;
  if (as_text(value)) return "text";
  if (std::holds_alternative<RawTable>(value)) return "a table";
  if (std::holds_alternative<bool>(value)) return "a boolean";
  return std::holds_alternative<std::int64_t>(value) ? "an integer" : "a decimal number";
}

std::string describe(const RawValue& value) {
  return std::visit(Describe{}, value);
}

std::string on_one_line(std::string_view text) {
  const bool ascii_only = !is_utf8(text);
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (ascii_only && byte > 0x7f)) c = '?';
  }
  return out;
}

std::string toml_quote(std::string_view text) {
  const bool ascii_only = !is_utf8(text);
  std::string out = "\"";
  for (const char c : text) append_toml_escaped(out, c, ascii_only);
  return out += '"';
}

std::optional<bool> parse_bool(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 6> kYes{"true", "1", "yes", "y", "on", "t"};
  constexpr std::array<std::string_view, 6> kNo{"false", "0", "no", "n", "off", "f"};
  const auto is_text = [&](std::string_view word) { return iequals(word, text); };
  if (std::any_of(kYes.begin(), kYes.end(), is_text)) return true;
  if (std::any_of(kNo.begin(), kNo.end(), is_text)) return false;
  return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  const auto [number, unit_name] = split_unit(text);
  const SizeUnit* unit = find_unit(kSizeUnits, unit_name.empty() ? "B" : unit_name);
  const auto count = parse_u64(number);
  if (unit == nullptr || !count) return std::nullopt;
  if (*count > std::numeric_limits<std::uint64_t>::max() / unit->bytes) return std::nullopt;
  return *count * unit->bytes;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
  const auto [number, unit_name] = split_unit(text);
  const TimeUnit* unit = find_unit(kTimeUnits, unit_name.empty() ? "s" : unit_name);
  if (unit == nullptr) return std::nullopt;
  double value = 0;
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || stop != end) return std::nullopt;
  return to_milliseconds(value * static_cast<double>(unit->milliseconds) / 1000);
}

std::optional<std::chrono::milliseconds> to_milliseconds(double seconds) noexcept {
  if (!(seconds >= 0 && seconds <= kLongestSeconds)) return std::nullopt;  // NaN fails both
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::string format_size(std::uint64_t bytes) {
  if (bytes == 0) return "0 B";
  const SizeUnit& unit = unit_for(kSizeUnits, bytes, &SizeUnit::bytes);
  return fmt::format("{} {}", bytes / unit.bytes, unit.name);
}

std::string format_duration(std::chrono::milliseconds length) {
  if (length.count() == 0) return "0s";
  const TimeUnit& unit =
      unit_for(kTimeUnits, std::int64_t{length.count()}, &TimeUnit::milliseconds);
  return fmt::format("{}{}", length.count() / unit.milliseconds, unit.name);
}

}  // namespace sluice::app
