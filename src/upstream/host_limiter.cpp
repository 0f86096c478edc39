#include "sluice/upstream/host_limiter.hpp"

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <deque>

#include "sluice/net/event.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::upstream {
namespace {

/// Origins without connections are forgotten when there are more than this.
constexpr std::size_t kMaxKnown = 1024;
/// How often the first in the queue lets another one go first.
constexpr unsigned kMaxPassedOver = 8;

}  // namespace

/// One coroutine that waits for its turn. What is not const is guarded by the mutex, and no longer
/// touched by others once it is granted; `turn` is touched on its own thread.
struct HostLimiter::Waiter {
  explicit Waiter(net::Worker& at) : worker(at), turn(at) {}

  net::Worker& worker;
  net::Event turn;
  unsigned passed_over = 0;
  bool granted = false;
  std::unique_ptr<net::Stream> stream;
};

struct HostLimiter::Host {
  unsigned connections = 0;
  unsigned kept = 0;
  std::deque<std::shared_ptr<Waiter>> waiting;

  [[nodiscard]] bool unused() const noexcept { return connections == 0 && waiting.empty(); }
  /// Whose turn it is when a connection of `worker` (null: none) gets free; off the queue.
  [[nodiscard]] std::shared_ptr<Waiter> next(const net::Worker* worker);
};

std::shared_ptr<HostLimiter::Waiter> HostLimiter::Host::next(const net::Worker* worker) {
  auto chosen = waiting.begin();
  if (worker && &(*chosen)->worker != worker && (*chosen)->passed_over < kMaxPassedOver) {
    const auto local = std::find_if(waiting.begin(), waiting.end(),
                                    [&](const auto& waiter) { return &waiter->worker == worker; });
    if (local != waiting.end()) {
      ++(*chosen)->passed_over;
      chosen = local;
    }
  }
  auto waiter = std::move(*chosen);
  waiting.erase(chosen);
  waiter->granted = true;
  return waiter;
}

/// A place in the queue, or what was granted. Left also when the coroutine that waits is destroyed
/// (the program ends).
class HostLimiter::Place {
 public:
  Place(HostLimiter& limiter, Host& host, std::shared_ptr<Waiter> waiter)
      : limiter_(limiter), host_(host), waiter_(std::move(waiter)) {}
  ~Place() { static_cast<void>(leave()); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// What was granted by now, if anything.
  [[nodiscard]] Grant leave() noexcept {
    if (!waiter_) return {};
    const auto waiter = std::move(waiter_);
    const std::lock_guard lock(limiter_.mutex_);
    if (waiter->granted) return {Permit(limiter_, &host_), std::move(waiter->stream)};
    std::erase(host_.waiting, waiter);
    return {};
  }

 private:
  HostLimiter& limiter_;
  Host& host_;
  std::shared_ptr<Waiter> waiter_;
};

/// Tells who was granted something, on its own thread.
void HostLimiter::hand_over(std::shared_ptr<Waiter> next) {
  auto& io = next->worker.io();
  asio::dispatch(io, [next = std::move(next)] { next->turn.notify(); });
}

HostLimiter::HostLimiter(Options options)
    : options_(options), unlimited_(options.max_concurrent == 0) {}

HostLimiter::~HostLimiter() = default;

void HostLimiter::join(net::Worker& worker, Evict evict) {
  for (auto& member : members_) {
    if (member.worker != &worker) continue;
    member.evict = std::move(evict);
    return;
  }
  members_.push_back({&worker, std::move(evict)});
}

void HostLimiter::set_options(Options options) {
  std::vector<std::shared_ptr<Waiter>> granted;
  {
    const std::lock_guard lock(mutex_);
    options_ = options;
    unlimited_ = options.max_concurrent == 0;
    for (auto& [origin, host] : hosts_) {
      while (!host->waiting.empty() && has_room(*host)) {
        ++host->connections;
        granted.push_back(host->next(nullptr));
      }
    }
  }
  for (auto& waiter : granted) hand_over(std::move(waiter));
}

bool HostLimiter::has_room(const Host& host) const noexcept {
  return options_.max_concurrent == 0 || host.connections < options_.max_concurrent;
}

HostLimiter::Host& HostLimiter::host(std::string_view origin) {
  if (const auto known = hosts_.find(origin); known != hosts_.end()) return *known->second;
  if (hosts_.size() >= kMaxKnown) {
    std::erase_if(hosts_, [](const auto& entry) { return entry.second->unused(); });
  }
  return *hosts_.emplace(origin, std::make_unique<Host>()).first->second;
}

HostLimiter::Permit HostLimiter::try_acquire(std::string_view origin) {
  if (unlimited_) return {*this, nullptr};
  const std::lock_guard lock(mutex_);
  auto& at = host(origin);
  if (!has_room(at) || !at.waiting.empty()) return {};
  ++at.connections;
  return {*this, &at};
}

awaitable<Result<HostLimiter::Grant>> HostLimiter::acquire(std::string origin, net::Worker& worker,
                                                           net::CancelSignal* cancel) {
  if (auto permit = try_acquire(origin)) co_return Grant{std::move(permit), nullptr};
  const auto waiter = std::make_shared<Waiter>(worker);
  Host* at = nullptr;
  bool any_kept = false;
  Clock::duration patience{};
  {
    const std::lock_guard lock(mutex_);
    at = &host(origin);
    if (has_room(*at) && at->waiting.empty()) {
      ++at->connections;  // given back in between
      co_return Grant{Permit(*this, at), nullptr};
    }
    if (at->waiting.size() >= options_.max_waiting) {
      worker.metrics().add(Count::limiter_queue_full);
      co_return upstream_error(Errc::host_busy, "the queue is full");
    }
    at->waiting.push_back(waiter);
    any_kept = at->kept > 0;
    patience = options_.max_wait;
  }
  const auto since = Clock::now();
  Place place(*this, *at, waiter);
  if (any_kept) evict_one(origin);
  const auto error = co_await waiter->turn.wait(Deadline::in(patience), cancel);
  auto grant = place.leave();
  worker.metrics().observe_limiter_wait(Clock::now() - since);
  if (net::is_cancel(error)) co_return net::cancel_error(error);
  if (!grant.permit) {
    worker.metrics().add(Count::limiter_too_long);
    co_return upstream_error(Errc::host_busy, "waited too long");
  }
  co_return grant;
}

/// A worker keeps a connection that another one needs more.
void HostLimiter::evict_one(const std::string& origin) {
  for (auto& member : members_) {
    asio::post(member.worker->io(), [&member, origin, this] {
      if (load(origin).waiting > 0) member.evict(origin);
    });
  }
}

bool HostLimiter::pass_on(Permit& permit, std::unique_ptr<net::Stream>& stream) {
  if (!permit.host_) return false;
  std::shared_ptr<Waiter> next;
  {
    const std::lock_guard lock(mutex_);
    auto& at = *permit.host_;
    if (at.waiting.empty()) {
      ++at.kept;
      permit.kept_ = true;
      return false;
    }
    next = at.next(&stream->worker());
    if (&next->worker == &stream->worker()) next->stream = std::move(stream);
    permit.limiter_ = nullptr;
    permit.host_ = nullptr;
  }
  stream.reset();  // before the other worker opens one in its place
  hand_over(std::move(next));
  return true;
}

/// The permit goes to who waits longest, or is free.
void HostLimiter::give_back(Host& host, bool kept) noexcept {
  std::shared_ptr<Waiter> next;
  {
    const std::lock_guard lock(mutex_);
    if (kept) --host.kept;
    --host.connections;
    if (host.waiting.empty() || !has_room(host)) return;
    ++host.connections;
    next = host.next(nullptr);
  }
  hand_over(std::move(next));
}

void HostLimiter::use(Host& host) noexcept {
  const std::lock_guard lock(mutex_);
  --host.kept;
}

void HostLimiter::Permit::give_back() noexcept {
  auto* const limiter = std::exchange(limiter_, nullptr);
  auto* const host = std::exchange(host_, nullptr);
  if (limiter && host) limiter->give_back(*host, std::exchange(kept_, false));
}

void HostLimiter::Permit::use() noexcept {
  if (kept_) limiter_->use(*host_);
  kept_ = false;
}

HostLimiter::Load HostLimiter::load(std::string_view origin) const {
  const std::lock_guard lock(mutex_);
  const auto known = hosts_.find(origin);
  if (known == hosts_.end()) return {};
  const auto& at = *known->second;
  return {at.connections, at.kept, at.waiting.size()};
}

std::vector<HostLimiter::OriginLoad> HostLimiter::busiest(std::size_t most) const {
  using Entry = std::pair<const std::string*, Load>;
  std::vector<Entry> entries;
  std::vector<OriginLoad> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [origin, at] : hosts_) {
    if (at->unused()) continue;
    entries.push_back({&origin, {at->connections, at->kept, at->waiting.size()}});
  }
  most = std::min(most, entries.size());
  std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(most),
                    entries.end(), [](const Entry& a, const Entry& b) {
                      const auto load_a = a.second.connections + a.second.waiting;
                      const auto load_b = b.second.connections + b.second.waiting;
                      return load_a != load_b ? load_a > load_b : *a.first < *b.first;
                    });
  for (std::size_t i = 0; i < most; ++i) found.push_back({*entries[i].first, entries[i].second});
  return found;
}

std::size_t HostLimiter::known_origins() const {
  const std::lock_guard lock(mutex_);
  return hosts_.size();
}

}  // namespace sluice::upstream
