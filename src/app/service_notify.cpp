#include "sluice/app/service_notify.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <system_error>

#include "sluice/core/log.hpp"
#include "sluice/net/file_descriptor.hpp"

namespace sluice::app {
namespace {

/// A manager that starts many services at once may be slow to read; a lost READY would be fatal.
constexpr timeval kPatience{2, 0};

void notify(std::string_view text) {
  const char* address = std::getenv("NOTIFY_SOCKET");
  if (!address || !*address) return;
  if (auto sent = send_notification(address, text); !sent) {
    log::warning("cannot notify the service manager: {}", sent.error().context);
  }
}

}  // namespace

Result<> send_notification(std::string_view address, std::string_view text) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const bool abstract = address.starts_with('@');
  if (!abstract && !address.starts_with('/')) return internal_error("not an address of a socket");
  if (address.size() >= sizeof to.sun_path) return internal_error("the address is too long");
  std::memcpy(to.sun_path, address.data(), address.size());
  if (abstract) to.sun_path[0] = '\0';
  const net::FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  // The name of an abstract socket ends where the address does, without a NUL.
  const auto size = offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0 : 1);
  if (::sendto(socket.get(), text.data(), text.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(size)) < 0) {
    return internal_error(std::generic_category().message(errno));
  }
  return {};
}

void notify_ready(std::string_view status) {
  notify(fmt::format("READY=1\nSTATUS={}", status));
}

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                     static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                         static_cast<std::uint64_t>(now.tv_nsec) / 1000));
}

void notify_stopping(std::string_view status) {
  notify(fmt::format("STOPPING=1\nSTATUS={}", status));
}

void notify_taken_over(pid_t pid, std::string_view status) {
  notify(fmt::format("MAINPID={}\nREADY=1\nSTATUS={}", pid, status));
}

}  // namespace sluice::app
