#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "sluice/core/metrics.hpp"
#include "sluice/core/request_ids.hpp"
#include "sluice/net/asio.hpp"
#include "sluice/net/buffer_pool.hpp"
#include "sluice/net/reactor.hpp"
#include "sluice/net/splice_pipe.hpp"
#include "sluice/net/ticker.hpp"

namespace sluice::net {

/// One event loop on one thread, with the memory its connections share. Everything but load() and
/// post() belongs to that thread.
class Worker {
 public:
  Worker();
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  /// Lets the loop return after the handler that runs now; join() waits for the thread.
  void stop();
  void join();

  [[nodiscard]] asio::io_context& io() noexcept { return io_; }
  [[nodiscard]] Reactor& reactor() noexcept { return reactor_; }
  [[nodiscard]] Ticker& ticker() noexcept { return ticker_; }
  [[nodiscard]] BufferPool& buffers() noexcept { return buffers_; }
  [[nodiscard]] SplicePipePool& pipes() noexcept { return pipes_; }
  /// 64 KiB that anybody may use between two suspensions, and nobody may keep.
  [[nodiscard]] Bytes scratch() noexcept { return scratch_.bytes(); }

  /// What this worker counts.
  [[nodiscard]] WorkerMetrics& metrics() noexcept { return metrics_; }
  /// For the requests of this worker's clients.
  [[nodiscard]] RequestIds& request_ids() noexcept { return request_ids_; }

  /// Connections handed to this worker and not yet ended. Any thread.
  [[nodiscard]] std::atomic<unsigned>& load() noexcept { return load_; }

 private:
  // Coroutines that are left end with reactor_.detach() and io_; what they use outlives them.
  WorkerMetrics metrics_;
  RequestIds request_ids_;
  BufferPool buffers_;
  SplicePipePool pipes_;
  BufferPool::Buffer scratch_;
  Reactor reactor_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> keep_running_;
  Ticker ticker_;
  std::atomic<unsigned> load_ = 0;
  std::thread thread_;
};

/// `count` workers, started together and stopped together; 0 means one per CPU core.
class WorkerPool {
 public:
  explicit WorkerPool(unsigned count);
  ~WorkerPool();

  void start();
  void stop();

  [[nodiscard]] std::size_t size() const noexcept { return workers_.size(); }
  [[nodiscard]] Worker& operator[](std::size_t index) noexcept { return *workers_[index]; }
  /// The worker with the fewest connections; equal ones take turns. One thread: the acceptor's.
  [[nodiscard]] std::size_t least_loaded() noexcept;

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t next_ = 0;
};

}  // namespace sluice::net
