#include "sluice/net/worker.hpp"

#include <algorithm>
#include <csignal>

namespace sluice::net {

Worker::Worker()
    : scratch_(buffers_.take()), keep_running_(asio::make_work_guard(io_)), ticker_(io_) {
  reactor_.attach(io_);
}

Worker::~Worker() {
  stop();
  join();
  reactor_.detach();
}

void Worker::start() {
  thread_ = std::thread([this] {
    // splice(2) has no flag against it.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    io_.run();
  });
}

void Worker::stop() {
  io_.stop();
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

WorkerPool::WorkerPool(unsigned count) {
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>());
}

WorkerPool::~WorkerPool() {
  stop();
}

void WorkerPool::start() {
  for (auto& worker : workers_) worker->start();
}

void WorkerPool::stop() {
  for (auto& worker : workers_) worker->stop();
  for (auto& worker : workers_) worker->join();
}

std::size_t WorkerPool::least_loaded() noexcept {
  std::size_t best = next_;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const auto candidate = (next_ + i) % workers_.size();
    if (workers_[candidate]->load() < workers_[best]->load()) best = candidate;
  }
  next_ = (best + 1) % workers_.size();
  return best;
}

}  // namespace sluice::net
