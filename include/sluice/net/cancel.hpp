#pragma once

#include <boost/intrusive/list.hpp>

#include "sluice/core/error.hpp"
#include "sluice/net/asio.hpp"

namespace sluice::net {

/// The two reasons to cancel. They are told from failures of the peer by their values.
inline const error_code kClientGone = asio::error::operation_aborted;
inline const error_code kShuttingDown = asio::error::shut_down;

[[nodiscard]] inline bool is_cancel(error_code error) noexcept {
  return error == kClientGone || error == kShuttingDown;
}
/// client_gone or shutting_down.
[[nodiscard]] inline Error cancel_error(error_code why) {
  return why == kShuttingDown ? Error{Errc::shutting_down, Origin::internal, Retry::never, {}}
                              : client_error(Errc::client_gone);
}

/// Something that may be waiting and can be told to give up.
class Cancellable {
 public:
  /// Ends the wait under way, and every later one, with `why`.
  virtual void cancel(error_code why) = 0;

 protected:
  ~Cancellable() = default;
};

/// Attaches a waiter to a CancelSignal while it lives.
class CancelScope : public boost::intrusive::list_base_hook<
                        boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// `signal` may be null: nobody cancels. A signal already given is passed on at once.
  inline CancelScope(class CancelSignal* signal, Cancellable& waiter);
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;

 private:
  friend class CancelSignal;
  Cancellable& waiter_;
};

/// How the owner of a piece of work (an exchange with a client) ends whatever that work is waiting
/// for at the moment. One thread.
class CancelSignal {
 public:
  CancelSignal() = default;
  CancelSignal(const CancelSignal&) = delete;
  CancelSignal& operator=(const CancelSignal&) = delete;

  /// Tells every attached waiter, and each one attached later; the first reason stays.
  void cancel(error_code why) {
    if (!why_) why_ = why;
    for (auto& scope : scopes_) scope.waiter_.cancel(why_);
  }

  [[nodiscard]] bool given() const noexcept { return static_cast<bool>(why_); }

 private:
  friend class CancelScope;
  boost::intrusive::list<CancelScope, boost::intrusive::constant_time_size<false>> scopes_;
  error_code why_;
};

CancelScope::CancelScope(CancelSignal* signal, Cancellable& waiter) : waiter_(waiter) {
  if (!signal) return;
  signal->scopes_.push_back(*this);
  if (signal->why_) waiter.cancel(signal->why_);
}

}  // namespace sluice::net
