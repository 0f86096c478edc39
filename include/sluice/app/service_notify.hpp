#pragma once

#include <sys/types.h>

#include <string_view>

#include "sluice/core/error.hpp"

namespace sluice::app {

/// Sends one datagram of notifications ("READY=1\nSTATUS=...") to the Unix socket `address`: a
/// path, or an abstract name after '@'; sd_notify(3). Waits two seconds at most for room. internal
/// when the address is neither or nobody takes the datagram.
[[nodiscard]] Result<> send_notification(std::string_view address, std::string_view text);

// To the service manager that NOTIFY_SOCKET names; without one they do nothing, and failures are
// only logged. Any thread, as long as nobody changes the environment.

/// Serving, after the start and again after notify_reloading(). `status` is for humans.
void notify_ready(std::string_view status);
/// Settings are about to be read again; notify_ready() has to follow.
void notify_reloading();
/// On the way to the end.
void notify_stopping(std::string_view status);
/// The process `pid` is the service from now on, and serves.
void notify_taken_over(pid_t pid, std::string_view status);

}  // namespace sluice::app
