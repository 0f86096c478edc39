#pragma once

#include <unistd.h>

#include <utility>

namespace sluice::net {

/// Owns one descriptor, or none, and closes it.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// Takes `fd`; -1 is none.
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  /// -1 when there is none.
  [[nodiscard]] int get() const noexcept { return fd_; }
  /// Gives the descriptor away.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

}  // namespace sluice::net
