#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "support/origin_handlers.hpp"
#include "support/origin_journal.hpp"

namespace sluice::test {

/// Counts the requests that an origin is answering, and holds answers back on demand. Must outlive
/// the origin.
class OriginLoad {
 public:
  /// Answers with `body`, but keeps its last byte (of a body of none: everything) back until the
  /// gate is open. Until then the request counts as running.
  [[nodiscard]] OriginHandler held(std::string body) {
    return [this, body = std::move(body)](const OriginRequest&, Connection& connection) {
      enter();
      const bool empty = body.empty();
      const auto most = std::string_view(body).substr(0, empty ? 0 : body.size() - 1);
      if (!empty) {
        connection.send_head(200, {{"Content-Length", std::to_string(body.size())}});
        connection.send(most);
      }
      const bool there = wait(connection);
      --running_;
      if (!there) return;
      empty ? connection.send_response(200, {}, {}) : connection.send(body.substr(most.size()));
    };
  }
  /// Asks `inner` once the gate is open. Until then the request counts as running.
  [[nodiscard]] OriginHandler before(OriginHandler inner) {
    return [this, inner = std::move(inner)](const OriginRequest& request, Connection& connection) {
      enter();
      const bool there = wait(connection);
      --running_;
      if (there) inner(request, connection);
    };
  }

  void open() noexcept { open_ = true; }
  void close() noexcept { open_ = false; }
  /// Opens by itself once so many requests run at the same time.
  void open_at(int running) noexcept { open_at_ = running; }

  [[nodiscard]] int running() const noexcept { return running_; }
  /// The most that ever ran at once.
  [[nodiscard]] int most() const noexcept { return most_; }

 private:
  void enter() {
    const int now = ++running_;
    int most = most_;
    while (most < now && !most_.compare_exchange_weak(most, now)) {
    }
    if (open_at_ > 0 && now >= open_at_) open_ = true;
  }
  bool wait(Connection& connection) const {
    // Also with an open gate, so that requests overlap.
    bool there = connection.pause(std::chrono::milliseconds(2));
    while (there && !open_) there = connection.pause(std::chrono::milliseconds(2));
    return there;
  }

  std::atomic<int> running_ = 0;
  std::atomic<int> most_ = 0;
  std::atomic<int> open_at_ = 0;
  std::atomic<bool> open_ = false;
};

/// The most connections that were open at one moment.
[[nodiscard]] inline int most_open(const std::vector<ConnectionRecord>& records) {
  std::vector<std::pair<TimePoint, int>> events;
  for (const auto& record : records) {
    events.emplace_back(record.accepted, +1);
    if (!record.closed_by_peer && !record.closed_by_origin) continue;
    events.emplace_back(
        std::min(record.closed_by_peer.value_or(kNever), record.closed_by_origin.value_or(kNever)),
        -1);
  }
  std::sort(events.begin(), events.end());
  int open = 0;
  int most = 0;
  for (const auto& [moment, change] : events) most = std::max(most, open += change);
  return most;
}

}  // namespace sluice::test
