#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "sluice/core/log.hpp"

namespace sluice::log {

/// Appends `text` as a JSON string. Control characters (also those from U+007F to U+009F, which
/// terminals obey) are escaped; each byte that is not UTF-8 becomes U+FFFD. RFC 8259, 7.
void append_json_string(std::string& out, std::string_view text);

/// {"time":"2026-01-31T12:34:56.789Z","level":...,"message":...,<fields>}; time as in RFC 3339, in
/// UTC.
[[nodiscard]] std::string json_line(std::chrono::system_clock::time_point now, Level level,
                                    std::string_view message, std::span<const Field> fields);

}  // namespace sluice::log
