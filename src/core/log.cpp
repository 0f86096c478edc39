#include "sluice/core/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "json_line.hpp"

namespace sluice::log {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames{"debug", "info", "warning", "error", "off"};

std::atomic<Level> wanted_level{Settings().level};
std::atomic<bool> requests_wanted{Settings().requests};
std::atomic<Format> wanted_format{Settings().format};

std::mutex tap_mutex;
std::atomic<Level> tap_level{Level::off};
Tap& tap() {
  static Tap& instance = *new Tap;  // never destroyed, as the loggers
  return instance;
}

/// Time in UTC with milliseconds, level (the part between %^ and %$ is coloured on a terminal),
/// text.
constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";
/// Lines in JSON are made here, with their time.
constexpr const char* kJsonPattern = "%v";

std::unique_ptr<spdlog::logger> make_logger(const char* pattern) {
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  auto logger = std::make_unique<spdlog::logger>(std::string(), std::move(sink));
  logger->set_level(spdlog::level::trace);  // enabled() has decided already
  return logger;
}

/// Both write under the same lock.
spdlog::logger& logger(Format format) {
  // Never destroyed, so that threads and destructors may log until the very end.
  static spdlog::logger& text = *make_logger(kTextPattern).release();
  static spdlog::logger& json = *make_logger(kJsonPattern).release();
  return format == Format::json ? json : text;
}

spdlog::level::level_enum to_spdlog(Level level) noexcept {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::off: break;
  }
  return spdlog::level::off;
}

bool is_control(unsigned char byte) noexcept {
  return byte < 0x20 || byte == 0x7f;
}

/// The control characters U+0080 to U+009F, which terminals obey as they obey ESC.
bool is_c1_control(unsigned char first, unsigned char second) noexcept {
  return first == 0xc2 && second >= 0x80 && second <= 0x9f;
}

std::string without_controls(std::string_view text) {
  std::string out(text);
  unsigned char before = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if (is_c1_control(before, byte)) out[i - 1] = out[i] = '?';
    if (is_control(byte)) out[i] = '?';
    before = byte;
  }
  return out;
}

}  // namespace

std::optional<Level> parse_level(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i)
    if (kLevelNames[i] == name) return static_cast<Level>(i);
  return std::nullopt;
}

std::string_view to_string(Level level) noexcept {
  const auto index = static_cast<std::size_t>(level);
  return index < kLevelNames.size() ? kLevelNames[index] : std::string_view();
}

std::string_view to_string(Format format) noexcept {
  switch (format) {
    case Format::text: return "text";
    case Format::json: return "json";
  }
  return {};
}

void configure(const Settings& settings) {
  wanted_level.store(settings.level, std::memory_order_relaxed);
  requests_wanted.store(settings.requests, std::memory_order_relaxed);
  wanted_format.store(settings.format, std::memory_order_relaxed);
}

bool enabled(Level level) noexcept {
  const auto lowest = std::min(wanted_level.load(std::memory_order_relaxed),
                               tap_level.load(std::memory_order_relaxed));
  return level != Level::off && level >= lowest;
}

bool requests_enabled() noexcept {
  return (wanted_level.load(std::memory_order_relaxed) <= Level::info &&
          requests_wanted.load(std::memory_order_relaxed)) ||
         tap_level.load(std::memory_order_relaxed) <= Level::info;
}

Format format() noexcept {
  return wanted_format.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view text) {
  write(level, text, {});
}

void write(Level level, std::string_view text, std::span<const Field> fields) {
  if (!enabled(level)) return;
  const auto form = format();
  const auto line = form == Format::json
                        ? json_line(std::chrono::system_clock::now(), level, text, fields)
                        : without_controls(text);
  if (level >= tap_level.load(std::memory_order_relaxed)) {
    const std::lock_guard lock(tap_mutex);
    if (tap()) tap()(level, line);
  }
  if (level < wanted_level.load(std::memory_order_relaxed)) return;
  logger(form).log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void set_tap(Tap reader, Level from) {
  const std::lock_guard lock(tap_mutex);
  tap_level.store(reader ? from : Level::off, std::memory_order_relaxed);
  tap() = std::move(reader);
}

}  // namespace sluice::log
