#include "sluice/app/application.hpp"
#include "sluice/core/log.hpp"
#include "succession.hpp"

namespace sluice::app {

// From one process to the next: Application's part of it.

std::unique_ptr<Succession> Application::make_succession() {
  return std::make_unique<Succession>(
      control_, settings_, *proxy_,
      Succession::Hooks{[this] { drain_after_handover(); }, [this] { request_stop(); }});
}

Result<> Application::listen(net::FileDescriptor passed) {
  if (auto bound = succession_->listen(std::move(passed)); !bound) return bound;
  generation_->transport.add_own_listener(proxy_->local());
  return demo_ ? demo_->listen("127.0.0.1", 0) : Result<>();
}

void Application::drain_after_handover() {
  leaving_ = true;
  proxy_->stop_accepting();
  log::info("draining, {} connections", proxy_->open_connections());
  if (stop_requests_ > 0) return;  // on the way out anyway, and faster
  proxy_->drain_gently();
  stop_at_ = Clock::now() + settings_.server.handover_grace;
  begin_stop();
}

bool Application::gave_up() const {
  return succession_->gave_up();
}

}  // namespace sluice::app
