#pragma once

#include <optional>
#include <string_view>

#include "sluice/dash/time.hpp"

namespace sluice::dash {

/// An xs:duration ("P1DT2H3M4.5S", "-PT1S"), blanks around it allowed. A year has 365 days, a month
/// 30. Digits past the nanosecond are cut off; too long ones saturate. nullopt when malformed.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text) noexcept;

/// An xs:dateTime ("2024-02-29T12:00:00.5+01:00"), blanks around it allowed; without a zone it is
/// UTC. Also the forms in use that leave the seconds out, write the offset as "+01" or "+0100",
/// or put a blank for the T. 24:00:00 is the next day's beginning, a leap second counts as the
/// second behind it. Digits past the nanosecond are cut off; years past 2262 saturate. nullopt when
/// malformed or when there is no such day.
[[nodiscard]] std::optional<Time> parse_date_time(std::string_view text) noexcept;

/// An HTTP date in any of its three forms. RFC 9110, 5.6.7. Two-digit years are 1970 to 2069.
/// nullopt when malformed.
[[nodiscard]] std::optional<Time> parse_http_date(std::string_view text) noexcept;

/// An xs:double in seconds ("7", "-.5", "1.5e3", "INF"). Saturates; digits past the nanosecond are
/// cut off. nullopt when malformed or NaN.
[[nodiscard]] std::optional<Duration> parse_decimal_seconds(std::string_view text) noexcept;

}  // namespace sluice::dash
