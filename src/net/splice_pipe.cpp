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

SplicePipePool::~SplicePipePool() {
  for (const auto ends : idle_) close_both(ends);
}

std::optional<SplicePipe> SplicePipePool::take() {
  if (!idle_.empty()) {
    const auto ends = idle_.back();
    idle_.pop_back();
    return SplicePipe(*this, ends);
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
  ::fcntl(ends[0], F_SETPIPE_SZ, static_cast<int>(kPipeBytes));  // or whatever there is
  return SplicePipe(*this, {ends[0], ends[1]});
}

void SplicePipePool::take_back(Ends ends) noexcept {
  if (idle_.size() < kMaxIdle) {
    idle_.push_back(ends);
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
