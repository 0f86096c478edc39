#include "sluice/upstream/host_limiter.hpp"

#include <boost/asio/post.hpp>

#include "sluice/net/event.hpp"

namespace sluice::upstream {
namespace {

/// Origins without requests are forgotten when there are more than this.
constexpr std::size_t kMaxKnown = 1024;

}  // namespace

struct HostLimiter::Host {
  unsigned under_way = 0;
  std::deque<std::shared_ptr<Waiter>> waiting;

  [[nodiscard]] bool idle() const noexcept { return under_way == 0 && waiting.empty(); }
};

/// One coroutine that waits for its turn.
struct HostLimiter::Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : turn(executor) {}

  net::Event turn;  ///< touched on its own thread
  bool granted =
      false;  ///< has a permit; guarded by the mutex, written by who took it off the queue
};

/// A place in the queue, or the permit that came of it. Left also when the coroutine that waits is
/// destroyed (the program ends).
class HostLimiter::Place {
 public:
  Place(HostLimiter& limiter, Host& host, std::shared_ptr<Waiter> waiter)
      : limiter_(limiter), host_(host), waiter_(std::move(waiter)) {}
  ~Place() { static_cast<void>(leave()); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// The permit, if there is one by now. Nobody else touches the waiter from here on.
  [[nodiscard]] Permit leave() noexcept {
    if (!waiter_) return {};
    const auto waiter = std::move(waiter_);
    const std::lock_guard lock(limiter_.mutex_);
    if (waiter->granted) return {limiter_, &host_};
    std::erase(host_.waiting, waiter);
    return {};
  }

 private:
  HostLimiter& limiter_;
  Host& host_;
  std::shared_ptr<Waiter> waiter_;
};

HostLimiter::HostLimiter(Options options) : options_(options) {}

HostLimiter::~HostLimiter() = default;

HostLimiter::Host& HostLimiter::host(std::string_view origin) {
  if (const auto known = hosts_.find(origin); known != hosts_.end()) return *known->second;
  if (hosts_.size() >= kMaxKnown) {
    std::erase_if(hosts_, [](const auto& entry) { return entry.second->idle(); });
  }
  return *hosts_.emplace(origin, std::make_unique<Host>()).first->second;
}

HostLimiter::Permit HostLimiter::try_acquire(std::string_view origin) {
  if (options_.max_concurrent == 0) return {*this, nullptr};
  const std::lock_guard lock(mutex_);
  auto& at = host(origin);
  if (at.under_way >= options_.max_concurrent || !at.waiting.empty()) return {};
  ++at.under_way;
  return {*this, &at};
}

awaitable<Result<HostLimiter::Permit>> HostLimiter::acquire(std::string origin,
                                                            net::CancelSignal* cancel) {
  if (auto permit = try_acquire(origin)) co_return permit;
  const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
  Host* at = nullptr;
  {
    const std::lock_guard lock(mutex_);
    at = &host(origin);
    if (at->under_way < options_.max_concurrent && at->waiting.empty()) {
      ++at->under_way;  // given back in between
      co_return Permit(*this, at);
    }
    if (at->waiting.size() >= options_.max_waiting) {
      co_return upstream_error(Errc::host_busy, "the queue is full");
    }
    at->waiting.push_back(waiter);
  }
  Place place(*this, *at, waiter);
  const auto error = co_await waiter->turn.wait(Deadline::in(options_.max_wait), cancel);
  auto permit = place.leave();
  if (net::is_cancel(error)) co_return net::cancel_error(error);
  if (!permit) co_return upstream_error(Errc::host_busy, "waited too long");
  co_return permit;
}

/// The permit goes to who waits longest, or is free.
void HostLimiter::give_back(Host& host) noexcept {
  std::shared_ptr<Waiter> next;
  {
    const std::lock_guard lock(mutex_);
    if (host.waiting.empty()) {
      --host.under_way;
      return;
    }
    next = std::move(host.waiting.front());
    host.waiting.pop_front();
    next->granted = true;
  }
  auto executor = next->turn.executor();
  asio::post(executor, [next = std::move(next)] { next->turn.notify(); });
}

void HostLimiter::Permit::give_back() noexcept {
  auto* const limiter = std::exchange(limiter_, nullptr);
  auto* const host = std::exchange(host_, nullptr);
  if (limiter && host) limiter->give_back(*host);
}

HostLimiter::Load HostLimiter::load(std::string_view origin) const {
  const std::lock_guard lock(mutex_);
  const auto known = hosts_.find(origin);
  if (known == hosts_.end()) return {};
  return {known->second->under_way, known->second->waiting.size()};
}

std::size_t HostLimiter::known_origins() const {
  const std::lock_guard lock(mutex_);
  return hosts_.size();
}

}  // namespace sluice::upstream
