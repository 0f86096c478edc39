#include "sluice/net/resolver.hpp"

#include <netdb.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstring>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "sluice/net/event.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::net {
namespace {

using Addresses = std::vector<asio::ip::address>;

constexpr std::size_t kMaxCached = 4096;

/// getaddrinfo accepts "127.1" and "0x7f.1" like inet_aton; the reach check sees what it made of
/// it.
Result<Addresses> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (failed) return upstream_error(Errc::host_not_found, ::gai_strerror(failed));
  Addresses found;
  for (const auto* entry = list; entry; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    found.push_back(endpoint.address());
  }
  ::freeaddrinfo(list);
  if (found.empty()) return upstream_error(Errc::host_not_found, "no address");
  return found;
}

/// One coroutine that waits for an answer. Touched only on its own thread.
struct Waiter {
  explicit Waiter(Worker& worker) : answered(worker) {}

  Event answered;
  std::optional<Result<Addresses>> answer;
};

}  // namespace

class Resolver::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(ResolverOptions options) : options_(options) {}

  ~State() { stop(); }

  void stop() {
    if (threads_) threads_->join();
  }

  bool busy() {
    const std::lock_guard lock(mutex_);
    return !waiting_.empty();
  }

  std::optional<Addresses> cached(const std::string& host, TimePoint now) {
    const std::lock_guard lock(mutex_);
    const auto entry = cache_.find(host);
    if (entry == cache_.end() || now >= entry->second.until) return std::nullopt;
    return entry->second.addresses;
  }

  /// Queues a look-up, or joins the one under way. False when too many wait.
  bool ask(const std::string& host, const std::shared_ptr<Waiter>& waiter) {
    const std::lock_guard lock(mutex_);
    if (const auto under_way = waiting_.find(host); under_way != waiting_.end()) {
      under_way->second.push_back(waiter);
      return true;
    }
    if (waiting_.size() >= kMaxWaiting) return false;
    // Before anybody waits: starting threads may fail.
    if (!threads_) threads_.emplace(options_.threads);
    waiting_[host].push_back(waiter);
    asio::post(*threads_, [this, host] { answer(host, look_up(host)); });
    return true;
  }

 private:
  struct Cached {
    Addresses addresses;
    TimePoint until;
  };

  void answer(const std::string& host, const Result<Addresses>& found) {
    std::vector<std::weak_ptr<Waiter>> waiters;
    {
      const std::lock_guard lock(mutex_);
      waiters.swap(waiting_[host]);
      waiting_.erase(host);
      if (found && options_.cache_ttl > Clock::duration::zero()) {
        if (cache_.size() >= kMaxCached) cache_.clear();
        cache_[host] = {*found, Clock::now() + options_.cache_ttl};
      }
    }
    for (auto& weak : waiters) {
      auto waiter = weak.lock();
      if (!waiter) continue;
      auto& io = waiter->answered.worker().io();
      asio::post(io, [waiter = std::move(waiter), found] {
        waiter->answer = found;
        waiter->answered.notify();
      });
    }
  }

  const ResolverOptions options_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<std::weak_ptr<Waiter>>> waiting_;
  std::unordered_map<std::string, Cached> cache_;
  std::optional<asio::thread_pool> threads_;
};

Resolver::Resolver(ResolverOptions options) : state_(std::make_shared<State>(options)) {}

Resolver::~Resolver() {
  state_->stop();
}

bool Resolver::busy() const {
  return state_->busy();
}

awaitable<Result<Addresses>> Resolver::resolve(Worker& worker, std::string host, Deadline deadline,
                                               CancelSignal* cancel) {
  error_code not_literal;
  const auto literal = asio::ip::make_address(host, not_literal);
  if (!not_literal) co_return Addresses{literal};
  auto& metrics = worker.metrics();
  if (auto known = state_->cached(host, Clock::now())) {
    metrics.add(Count::dns_cached);
    co_return *std::move(known);
  }

  const auto waiter = std::make_shared<Waiter>(worker);
  if (!state_->ask(host, waiter)) {
    metrics.add(Count::dns_failed);
    co_return upstream_error(Errc::resolver_busy);
  }
  const auto error = co_await waiter->answered.wait(deadline, cancel);
  const bool found = !error && waiter->answer->has_value();
  metrics.add(found ? Count::dns_found : Count::dns_failed);
  if (!error) co_return *std::move(waiter->answer);
  if (is_cancel(error)) co_return cancel_error(error);
  co_return upstream_error(Errc::connect_timeout, "name look-up");
}

}  // namespace sluice::net
