#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::app {

/// A value of the settings file that no setting has the type of, such as a date or a list.
struct OtherType {
  std::string_view name;  ///< with its article: "a date"; static storage
};

/// A value from a source that knows text only (a flag; an environment variable), where the key
/// decides whether `10` is a number or a password.
struct PlainText {
  std::string text;
};

struct RawEntry;

/// A table of the settings file or an object of JSON, in the order written.
struct RawTable {
  std::vector<RawEntry> entries;
};

/// A value as its source gives it, before a key has looked at it. The first four are typed values
/// of the settings file.
using RawValue =
    std::variant<bool, std::int64_t, double, std::string, OtherType, PlainText, RawTable>;

struct RawEntry {
  std::string key;
  std::string place;  ///< "sluice.toml:12"; empty when the source has no lines
  RawValue value;
};

/// The text of a string or a PlainText, living as long as `value`; nullopt for the other types.
[[nodiscard]] std::optional<std::string_view> as_text(const RawValue& value) noexcept;

/// "an integer", "text", ...: what a message may say of a secret.
[[nodiscard]] std::string_view type_name(const RawValue& value) noexcept;

/// The value as a message shows it: text quoted and shortened, without control characters, and
/// without what stands before an '@', which may be a login.
[[nodiscard]] std::string describe(const RawValue& value);

/// `text` with its control characters, and if it is not UTF-8 all bytes above 0x7f, replaced by
/// '?', for messages that are one line.
[[nodiscard]] std::string on_one_line(std::string_view text);

/// `text` as a TOML basic string with its quotes; control characters and bytes that are not UTF-8
/// are escaped. TOML 1.0, "String".
[[nodiscard]] std::string toml_quote(std::string_view text);

/// Booleans of sources that know text only, in any case: true, 1, yes, y, on, t; false, 0, no, n,
/// off, f.
[[nodiscard]] std::optional<bool> parse_bool(std::string_view text) noexcept;

/// A whole number of bytes, alone or followed by B, KiB, MiB or GiB: "65536", "64 KiB", "16MiB".
/// nullopt for everything else, and for 2^64 bytes and more.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

/// A decimal number of seconds, or a number followed by ms, s, min, h or d: "0.5", "500ms",
/// "2 min". Rounded to whole milliseconds. nullopt for everything else (signs, exponents) and for
/// what to_milliseconds() refuses.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(
    std::string_view text) noexcept;

/// Rounded to whole milliseconds; nullopt for negative numbers, infinity, NaN and more than 1000
/// years.
[[nodiscard]] std::optional<std::chrono::milliseconds> to_milliseconds(double seconds) noexcept;

/// The shortest text that parse_size() / parse_duration() turn back into exactly this value.
[[nodiscard]] std::string format_size(std::uint64_t bytes);
[[nodiscard]] std::string format_duration(std::chrono::milliseconds length);

}  // namespace sluice::app
