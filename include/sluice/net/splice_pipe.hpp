#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace sluice::net {

/// Pipes of one worker for splice(2). A pipe leaves the pool for one turn, so that all connections
/// share one that stays in the cache, and remains with a connection only while bytes are stuck in
/// it. One thread: the worker's.
class SplicePipePool {
 public:
  /// Capacity asked for; the system may give less (pipe-user-pages-soft).
  static constexpr std::size_t kPipeBytes = 256 * 1024;
  static constexpr std::size_t kMaxIdle = 4;

  struct Ends {
    int read = -1;
    int write = -1;
  };

  SplicePipePool() { idle_.reserve(kMaxIdle); }
  ~SplicePipePool();
  SplicePipePool(const SplicePipePool&) = delete;
  SplicePipePool& operator=(const SplicePipePool&) = delete;

  /// An empty pipe; nullopt when the system has none left.
  [[nodiscard]] std::optional<class SplicePipe> take();

 private:
  friend class SplicePipe;
  void take_back(Ends ends) noexcept;

  std::vector<Ends> idle_;
};

/// A pipe between two sockets. Goes back to its pool when destroyed empty; what it holds otherwise
/// is lost with it. The pool must outlive it.
class SplicePipe {
 public:
  SplicePipe(SplicePipePool& pool, SplicePipePool::Ends ends) noexcept
      : pool_(&pool), ends_(ends) {}
  SplicePipe(SplicePipe&& other) noexcept
      : pool_(other.pool_),
        ends_(std::exchange(other.ends_, {})),
        held_(std::exchange(other.held_, 0)) {}
  SplicePipe& operator=(SplicePipe&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(ends_, other.ends_);
    std::swap(held_, other.held_);
    return *this;
  }
  ~SplicePipe();

  /// Bytes inside.
  [[nodiscard]] std::size_t held() const noexcept { return held_; }

 private:
  friend class Stream;
  SplicePipePool* pool_;
  SplicePipePool::Ends ends_;
  std::size_t held_ = 0;
};

}  // namespace sluice::net
