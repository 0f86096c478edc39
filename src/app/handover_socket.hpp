#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "sluice/core/error.hpp"
#include "sluice/net/file_descriptor.hpp"

namespace sluice::app {

/// Tells a file from others that stand, or stood, at the same path: device and inode.
using FileIdentity = std::pair<dev_t, ino_t>;
/// nullopt when there is nothing.
[[nodiscard]] std::optional<FileIdentity> identity_of(const std::string& path);

/// Unix stream sockets with a path, for the handover. Errors are internal, with a context that says
/// path and reason.

/// Listens at `path`, which may not exist yet; nobody but this user can connect (mode 0600).
[[nodiscard]] Result<net::FileDescriptor> listen_at(const std::string& path);

/// Connects to the socket at `path`. None when nobody listens there, nor is there anything else
/// than a socket left behind.
[[nodiscard]] Result<net::FileDescriptor> connect_to(const std::string& path);

}  // namespace sluice::app
