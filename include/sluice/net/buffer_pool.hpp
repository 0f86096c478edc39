#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace sluice::net {

using Bytes = std::span<char>;
using ConstBytes = std::span<const char>;

/// The 64 KiB buffers of one worker. Each active transfer holds one; a few idle ones are kept. One
/// thread: the worker's.
class BufferPool {
 public:
  static constexpr std::size_t kBufferBytes = 64 * 1024;
  static constexpr std::size_t kMaxIdle = 32;

  /// Gives its buffer back to the pool when destroyed. The pool must outlive it.
  class Buffer {
   public:
    Buffer() = default;
    Buffer(BufferPool& pool, std::unique_ptr<char[]> memory) noexcept
        : pool_(&pool), memory_(std::move(memory)) {}
    Buffer(Buffer&&) noexcept = default;
    Buffer& operator=(Buffer&& other) noexcept {
      if (this != &other) {
        give_back();
        pool_ = other.pool_;
        memory_ = std::move(other.memory_);
      }
      return *this;
    }
    ~Buffer() { give_back(); }

    [[nodiscard]] explicit operator bool() const noexcept { return memory_ != nullptr; }
    /// The whole buffer; empty when there is none.
    [[nodiscard]] Bytes bytes() const noexcept {
      return memory_ ? Bytes(memory_.get(), kBufferBytes) : Bytes();
    }
    void give_back() noexcept {
      if (memory_) pool_->take_back(std::move(memory_));
    }

   private:
    BufferPool* pool_ = nullptr;
    std::unique_ptr<char[]> memory_;
  };

  BufferPool() { idle_.reserve(kMaxIdle); }
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  [[nodiscard]] Buffer take() {
    if (idle_.empty()) return {*this, std::make_unique_for_overwrite<char[]>(kBufferBytes)};
    auto memory = std::move(idle_.back());
    idle_.pop_back();
    return {*this, std::move(memory)};
  }

 private:
  void take_back(std::unique_ptr<char[]> memory) noexcept {
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(memory));
  }

  std::vector<std::unique_ptr<char[]>> idle_;
};

}  // namespace sluice::net
