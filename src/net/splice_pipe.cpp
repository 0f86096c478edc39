#include "sluice/net/splice_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace sluice::net {
namespace {

void close_both(SplicePipePool::Ends ends) noexcept {
  ::close(ends.read);
  ::close(ends.write);
}

}  // namespace

SplicePipePool::SplicePipePool() {
  idle_small_.reserve(kMaxIdle);
  idle_large_.reserve(kMaxIdle);
}

SplicePipePool::~SplicePipePool() {
  for (const auto ends : idle_small_) close_both(ends);
  for (const auto ends : idle_large_) close_both(ends);
}

std::optional<SplicePipe> SplicePipePool::take(Size size) {
  if (auto& kept = idle(size); !kept.empty()) {
    const auto ends = kept.back();
    kept.pop_back();
    return SplicePipe(*this, ends);
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
  if (size == Size::large) ::fcntl(ends[0], F_SETPIPE_SZ, static_cast<int>(kLargePipe));
  return SplicePipe(*this, {ends[0], ends[1], size});
}

void SplicePipePool::take_back(Ends ends) noexcept {
  auto& kept = idle(ends.size);
  if (kept.size() < kMaxIdle) {
    kept.push_back(ends);
  } else {
    close_both(ends);
  }
}

SplicePipe::~SplicePipe() {
  if (ends_.read < 0) return;
  if (held_ == 0) {
    pool_->take_back(ends_);
  } else {
    close_both(ends_);
  }
}

}  // namespace sluice::net
