#include "sluice/core/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

namespace sluice::log {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames{"debug", "info", "warning", "error", "off"};

std::atomic<Level> wanted_level{Settings().level};
std::atomic<bool> requests_wanted{Settings().requests};

/// Time in UTC with milliseconds, level (the part between %^ and %$ is coloured on a terminal),
/// text.
constexpr const char* kPattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";

std::unique_ptr<spdlog::logger> make_logger() {
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(kPattern, spdlog::pattern_time_type::utc));
  auto logger = std::make_unique<spdlog::logger>(std::string(), std::move(sink));
  logger->set_level(spdlog::level::trace);  // enabled() has decided already
  return logger;
}

spdlog::logger& logger() {
  // Never destroyed, so that threads and destructors may log until the very end.
  static spdlog::logger& instance = *make_logger().release();
  return instance;
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

void configure(const Settings& settings) {
  wanted_level.store(settings.level, std::memory_order_relaxed);
  requests_wanted.store(settings.requests, std::memory_order_relaxed);
}

bool enabled(Level level) noexcept {
  return level != Level::off && level >= wanted_level.load(std::memory_order_relaxed);
}

bool requests_enabled() noexcept {
  return enabled(Level::info) && requests_wanted.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view text) {
  if (!enabled(level)) return;
  const std::string line = without_controls(text);
  logger().log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace sluice::log
