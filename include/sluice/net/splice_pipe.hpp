#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace sluice::net {

/// Pipes of one worker for splice(2). A pipe leaves the pool for one turn, so that all connections
/// share one that stays in the cache, and remains with a connection only while bytes are stuck in
/// it. One thread: the worker's.
class SplicePipePool {
 public:
  /// Room asked for; the system may give less (pipe-user-pages-soft), and an incomplete page takes
  /// as much as a full one: received from a network, a pipe holds a third of it.
  static constexpr std::size_t kLargePipe = 512 * 1024;
  /// What the system gives unasked. For those in whose pipes something is stuck most of the time.
  static constexpr std::size_t kSmallPipe = 64 * 1024;
  static constexpr std::size_t kMaxIdle = 4;

  enum class Size : std::uint8_t { small, large };
  struct Ends {
    int read = -1;
    int write = -1;
    Size size = Size::small;
  };

  SplicePipePool();
  ~SplicePipePool();
  SplicePipePool(const SplicePipePool&) = delete;
  SplicePipePool& operator=(const SplicePipePool&) = delete;

  /// An empty pipe; nullopt when the system has none left.
  [[nodiscard]] std::optional<class SplicePipe> take(Size size);

 private:
  friend class SplicePipe;
  [[nodiscard]] std::vector<Ends>& idle(Size size) noexcept {
    return size == Size::small ? idle_small_ : idle_large_;
  }
  void take_back(Ends ends) noexcept;

  std::vector<Ends> idle_small_;
  std::vector<Ends> idle_large_;
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
