#include "support/socket_bio.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>

namespace sluice::test {
namespace {

struct MethodDeleter {
  void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
};
using MethodPtr = std::unique_ptr<BIO_METHOD, MethodDeleter>;

int socket_of(BIO* bio) noexcept {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool worth_retrying() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int write_to_socket(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(socket_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && worth_retrying()) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int read_from_socket(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(socket_of(bio), data, static_cast<std::size_t>(size), 0);
  if (count < 0 && worth_retrying()) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

MethodPtr make_method() {
  MethodPtr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "test socket"));
  if (!method) throw std::bad_alloc();
  BIO_meth_set_write(method.get(), write_to_socket);
  BIO_meth_set_read(method.get(), read_from_socket);
  BIO_meth_set_ctrl(method.get(), control);
  return method;
}

}  // namespace

BIO* make_socket_bio(int socket) {
  static const MethodPtr kMethod = make_method();
  BIO* const bio = BIO_new(kMethod.get());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace sluice::test
