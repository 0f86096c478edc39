#include "support/handover_peer.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace sluice::test {
namespace {

constexpr timeval kPatience{10, 0};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Fd patient(Fd socket) {
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  return socket;
}

}  // namespace

HandoverPeer::HandoverPeer(const std::string& path)
    : connection_(patient(Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)))) {
  const auto address = address_of(path);
  if (::connect(connection_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address)) {
    connection_.close();
  }
}

bool HandoverPeer::send(std::string_view text, int socket) {
  iovec bytes{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char ancillary[CMSG_SPACE(sizeof socket)] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (socket >= 0) {
    message.msg_control = ancillary;
    message.msg_controllen = sizeof ancillary;
    auto* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof socket);
    std::memcpy(CMSG_DATA(part), &socket, sizeof socket);
  }
  return ::sendmsg(connection_.get(), &message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::optional<std::string> HandoverPeer::receive() {
  std::string line;
  for (;;) {
    char byte = 0;
    iovec bytes{&byte, 1};
    alignas(cmsghdr) char ancillary[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = ancillary;
    message.msg_controllen = sizeof ancillary;
    if (::recvmsg(connection_.get(), &message, MSG_CMSG_CLOEXEC) != 1) return std::nullopt;
    if (const auto* part = CMSG_FIRSTHDR(&message); part && part->cmsg_type == SCM_RIGHTS) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part), sizeof fd);
      socket_ = Fd(fd);
    }
    if (byte == '\n') return line;
    line += byte;
  }
}

Fd listen_at_path(const std::string& path) {
  Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = address_of(path);
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), 8) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return patient(std::move(listener));
}

Fd accept_peer(const Fd& listener) {
  return patient(Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)));
}

}  // namespace sluice::test
