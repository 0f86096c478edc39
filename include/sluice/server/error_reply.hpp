#pragma once

#include <string>

#include "sluice/core/error.hpp"

namespace sluice::server {

/// The HTTP status for an error: the one place where it is chosen.
[[nodiscard]] unsigned status_of(const Error& error) noexcept;

/// What the user reads: what was wrong, and what to do where something can be done. Never a URL, a
/// password or a key.
[[nodiscard]] std::string message_of(const Error& error);

/// Value for Retry-After, in seconds; empty where coming back helps nothing.
[[nodiscard]] std::string_view retry_after_of(const Error& error) noexcept;

/// {"detail": message, "error": message}, the two keys clients of this API look for.
[[nodiscard]] std::string error_body(std::string_view message);

}  // namespace sluice::server
