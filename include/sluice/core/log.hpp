#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace sluice::log {

/// Table [log] of the settings file.
enum class Level : std::uint8_t { debug, info, warning, error, off };

/// What a line looks like.
enum class Format : std::uint8_t {
  text,  ///< time, level, message
  json,  ///< an object with these and further fields
};

struct Settings {
  /// Lines below this level are not written.
  Level level = Level::info;
  /// One line per request at its end, at level info.
  bool requests = true;
  Format format = Format::text;
};

/// "debug", "info", "warning", "error" or "off"; nullopt otherwise.
[[nodiscard]] std::optional<Level> parse_level(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(Level level) noexcept;
/// "text" or "json".
[[nodiscard]] std::string_view to_string(Format format) noexcept;

/// Sets what is written to standard error from now on. Any thread.
void configure(const Settings& settings);
[[nodiscard]] bool enabled(Level level) noexcept;
/// True when a line per request is wanted.
[[nodiscard]] bool requests_enabled() noexcept;
/// What lines look like at the moment.
[[nodiscard]] Format format() noexcept;

/// Writes one line, with time, level and thread-safe. Control bytes of `text` are replaced, so that
/// what a peer sent cannot forge a line. Callers never pass passwords, keys or URL queries.
void write(Level level, std::string_view text);

/// A member of a line in JSON, behind time, level and message.
struct Field {
  std::string_view name;
  std::variant<std::string_view, std::uint64_t, double>
      value;  ///< of a double three decimals count
};
/// The same with fields, which only lines in JSON show.
void write(Level level, std::string_view text, std::span<const Field> fields);

/// A second reader of the log, for tests: is given every line of `from` and above, whatever the
/// settings say, as it is written in JSON, or in text without time and level. Called under a lock,
/// so it must not log. An empty one takes it away. Any thread.
using Tap = std::function<void(Level level, std::string_view line)>;
void set_tap(Tap tap, Level from = Level::debug);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warning))
    write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sluice::log
