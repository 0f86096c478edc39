#include "handover_socket.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace sluice::app {
namespace {

constexpr int kBacklog = 8;
/// For a listener whose queue is full.
constexpr timeval kConnectPatience{5, 0};

Error failure_at(const std::string& path, std::string_view problem) {
  return internal_error(fmt::format("server.handover_socket: {}: {}", path, problem));
}

Error failure_at(const std::string& path, int problem) {
  return failure_at(path, std::generic_category().message(problem));
}

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) return std::nullopt;
  return FileIdentity(there.st_dev, there.st_ino);
}

Result<net::FileDescriptor> listen_at(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return failure_at(path, ENAMETOOLONG);
  net::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return failure_at(path, errno);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    return failure_at(path, errno);
  }
  // Nobody can connect before it listens.
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket.get(), kBacklog) != 0) {
    const int problem = errno;
    ::unlink(path.c_str());
    return failure_at(path, problem);
  }
  return socket;
}

Result<net::FileDescriptor> connect_to(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return failure_at(path, ENAMETOOLONG);
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) {
    if (errno == ENOENT) return net::FileDescriptor();
    return failure_at(path, errno);
  }
  if (!S_ISSOCK(there.st_mode)) return failure_at(path, "there is something that is no socket");
  net::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return failure_at(path, errno);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kConnectPatience, sizeof kConnectPatience);
  const auto* to = reinterpret_cast<const sockaddr*>(&*address);
  if (::connect(socket.get(), to, sizeof *address) == 0) return socket;
  if (errno == ECONNREFUSED || errno == ENOENT) return net::FileDescriptor();
  return failure_at(path, errno);
}

}  // namespace sluice::app
