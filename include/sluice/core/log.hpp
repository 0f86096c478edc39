#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::log {

/// Table [log] of the settings file.
enum class Level : std::uint8_t { debug, info, warning, error, off };

struct Settings {
  /// Lines below this level are not written.
  Level level = Level::info;
  /// One line per request at its end, at level info.
  bool requests = true;
};

/// "debug", "info", "warning", "error" or "off"; nullopt otherwise.
[[nodiscard]] std::optional<Level> parse_level(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(Level level) noexcept;

/// Sets what is written to standard error from now on. Any thread.
void configure(const Settings& settings);
[[nodiscard]] bool enabled(Level level) noexcept;
/// True when a line per request is wanted.
[[nodiscard]] bool requests_enabled() noexcept;

/// Writes one line, with time, level and thread-safe. Control bytes of `text` are replaced, so that
/// what a peer sent cannot forge a line. Callers never pass passwords, keys or URL queries.
void write(Level level, std::string_view text);

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
