#include "sluice/net/reactor.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

namespace sluice::net {
namespace {

constexpr int kEventsAtOnce = 128;
/// How often new events are taken before the io_context (timers, other threads' messages) gets its
/// turn.
constexpr int kRounds = 16;
constexpr int kFewEvents = 1;

}  // namespace

template <class Handler>
void Sleeper::park(Handler handler) {
  constexpr bool kFits = sizeof(Handler) <= sizeof handler_;
  static_assert(kFits);
  ::new (static_cast<void*>(handler_)) Handler(std::move(handler));
  woken_ = false;
  run_ = [](Sleeper& self, bool call) {
    auto& kept = *std::launder(reinterpret_cast<Handler*>(self.handler_));
    Handler taken(std::move(kept));
    std::destroy_at(&kept);
    // The call may destroy `self`.
    if (call) std::move(taken)(self.outcome_);
  };
  reactor_.asleep_.push_back(*this);
}

awaitable<std::tuple<error_code>> Sleeper::sleep() {
  return asio::async_initiate<decltype(use_tuple), void(error_code)>(
      [this](auto handler) { park(std::move(handler)); }, use_tuple);
}

awaitable<std::tuple<error_code>> Sleeper::yield() {
  return asio::async_initiate<decltype(use_tuple), void(error_code)>(
      [this](auto handler) {
        park(std::move(handler));
        wake({});
      },
      use_tuple);
}

void Sleeper::wake(error_code with) noexcept {
  if (!asleep() || woken_) return;
  woken_ = true;
  outcome_ = with;
  reactor_.ready(*this);
}

void Sleeper::run() {
  unlink();
  std::exchange(run_, nullptr)(*this, true);
}

void Sleeper::drop() noexcept {
  if (is_linked()) unlink();
  if (run_) std::exchange(run_, nullptr)(*this, false);
}

Reactor::Reactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

Reactor::~Reactor() {
  detach();
  ::close(epoll_);
}

void Reactor::attach(asio::io_context& io) {
  notice_.emplace(io, epoll_);
  watch();
}

void Reactor::detach() {
  // A coroutine that ends may wake others.
  while (!ready_.empty() || !asleep_.empty()) {
    (ready_.empty() ? asleep_ : ready_).front().drop();
  }
  if (notice_) notice_->release();
  notice_.reset();
}

void Reactor::ready(Sleeper& sleeper) noexcept {
  sleeper.unlink();
  ready_.push_back(sleeper);
  if (std::exchange(running_, true)) return;
  asio::post(notice_->get_executor(), [this] { run(); });
}

void Reactor::watch() {
  if (std::exchange(watching_, true)) return;
  notice_->async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code error) {
    watching_ = false;
    if (error || std::exchange(running_, true)) return;
    run();
  });
}

/// Ends when hardly anything is ready, to be told of what comes; or after a while, to go on later.
void Reactor::run() {
  for (int round = 0; round < kRounds; ++round) {
    const int events = take_events();
    run_ready();
    // After several events there are likely to be more, and asking is cheaper than being told.
    if (events <= kFewEvents && ready_.empty()) {
      running_ = false;
      return watch();
    }
  }
  asio::post(notice_->get_executor(), [this] { run(); });
}

int Reactor::take_events() {
  epoll_event events[kEventsAtOnce];
  const int count = ::epoll_wait(epoll_, events, kEventsAtOnce, 0);
  // Nothing is run, and so no socket destroyed, before all events are noted.
  for (int i = 0; i < count; ++i) {
    static_cast<Socket*>(events[i].data.ptr)->on_events(events[i].events);
  }
  return count;
}

/// Those who are ready now. Who becomes ready meanwhile comes after the next events.
void Reactor::run_ready() {
  Sleepers now;
  now.swap(ready_);
  while (!now.empty()) now.front().run();
}

Socket::~Socket() {
  ::close(fd_);  // which also ends its registration
}

void Socket::on_events(std::uint32_t events) noexcept {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ended_ = true;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) maybe_ |= bit(Way::read);
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) maybe_ |= bit(Way::write);
  if (maybe(waits_for_)) sleeper_.wake({});
}

awaitable<error_code> Socket::wait(Way way) {
  if (maybe(way)) co_return error_code();
  if (!registered_) {
    epoll_event interest{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = this}};
    if (::epoll_ctl(reactor_.epoll_, EPOLL_CTL_ADD, fd_, &interest) != 0) {
      co_return error_code(errno, boost::system::system_category());
    }
    registered_ = true;
  }
  waits_for_ = way;
  auto [error] = co_await sleeper_.sleep();
  co_return error;
}

}  // namespace sluice::net
