#include "support/origin_journal.hpp"

#include <algorithm>
#include <utility>

namespace sluice::test {

std::size_t OriginJournal::accepted() {
  const std::lock_guard lock(mutex_);
  ConnectionRecord record;
  record.index = connections_.size();
  record.accepted = std::chrono::steady_clock::now();
  connections_.push_back(std::move(record));
  changed_.notify_all();
  return connections_.size() - 1;
}

void OriginJournal::update(std::size_t connection,
                           const std::function<void(ConnectionRecord&)>& change) {
  const std::lock_guard lock(mutex_);
  change(connections_[connection]);
  changed_.notify_all();
}

void OriginJournal::received(const OriginRequest& request) {
  const std::lock_guard lock(mutex_);
  ++connections_[request.connection].requests;
  requests_.push_back(request);
  changed_.notify_all();
}

void OriginJournal::trouble(std::size_t connection, const std::string& what) {
  const std::lock_guard lock(mutex_);
  problems_.push_back("connection " + std::to_string(connection) + ": " + what);
}

std::vector<OriginRequest> OriginJournal::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<ConnectionRecord> OriginJournal::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::vector<std::string> OriginJournal::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

std::size_t OriginJournal::request_count() const {
  const std::lock_guard lock(mutex_);
  return requests_.size();
}

std::size_t OriginJournal::connection_count() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

std::size_t OriginJournal::open_connections() const {
  const std::lock_guard lock(mutex_);
  return count_open();
}

bool OriginJournal::wait_for_requests(std::size_t count, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return requests_.size() >= count; });
}

bool OriginJournal::wait_for_open_connections(std::size_t count,
                                              std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return count_open() == count; });
}

std::size_t OriginJournal::count_open() const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(), [](const ConnectionRecord& record) {
        return !record.closed_by_peer && !record.closed_by_origin;
      }));
}

}  // namespace sluice::test
