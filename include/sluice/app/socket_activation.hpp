#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

#include "sluice/core/error.hpp"
#include "sluice/net/file_descriptor.hpp"

namespace sluice::app {

/// The environment by which a service manager says which sockets it has opened for a process;
/// sd_listen_fds(3). nullopt: the variable is not set.
struct ListenVariables {
  std::optional<std::string_view> pid;    ///< LISTEN_PID: the process they are for
  std::optional<std::string_view> count;  ///< LISTEN_FDS: descriptors 3, 4, and so on
};

/// How many sockets the process `self` has been passed; 0 when the variables are not set or meant
/// for another process. internal, with a context for the user, when they are no numbers.
[[nodiscard]] Result<unsigned> passed_sockets(const ListenVariables& variables, pid_t self);

/// The socket that this process has been passed to listen on, which Acceptor::adopt() checks; none
/// when it has been passed none. internal, with a context for the user, when there are several.
/// Removes the variables from the environment: call once, before there are threads.
[[nodiscard]] Result<net::FileDescriptor> take_passed_socket();

}  // namespace sluice::app
