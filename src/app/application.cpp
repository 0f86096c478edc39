#include "sluice/app/application.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "application_signals.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/log.hpp"
#include "sluice/routes/table.hpp"
#include "succession.hpp"

namespace sluice::app {
namespace {

constexpr auto kStopStep = std::chrono::milliseconds(20);
/// After the grace: connections end at once, up to a bug.
constexpr auto kAbortPatience = std::chrono::seconds(5);

std::string text_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("http://[{}]:{}", address, endpoint.port())
                                    : fmt::format("http://{}:{}", address, endpoint.port());
}

}  // namespace

Application::Application(Settings settings, bool demo)
    : settings_(std::move(settings)),
      limiter_(upstream::HostLimiter::options_of(settings_.upstream)),
      workers_(settings_.server.workers),
      resolver_({settings_.upstream.dns_threads, settings_.upstream.dns_cache_ttl}),
      generations_(workers_, resolver_, limiter_, program_) {
  for (std::size_t i = 0; i < workers_.size(); ++i) metrics_.join(workers_[i].metrics());
  const auto max_connections = settings_.server.max_connections;
  generation_ = std::make_shared<Generation>(settings_);
  proxy_ = std::make_unique<server::Server>(control_, workers_, max_connections, serving());
  if (demo) {
    demo_ =
        std::make_unique<server::Server>(control_, workers_, max_connections, [this](std::size_t) {
          return std::make_shared<const server::Serving>(server::Serving{
              settings_.server, {}, server::Router(routes::demo_routes(), open_gate_)});
        });
  }
  succession_ = make_succession();
}

Application::~Application() {
  workers_.stop();
}

void Application::run() {
  running_ = std::make_unique<asio::executor_work_guard<asio::io_context::executor_type>>(
      asio::make_work_guard(control_));
  workers_.start();
  proxy_->start();
  if (demo_) demo_->start();
  succession_->serving();
  control_.run();
  workers_.stop();
}

void Application::request_stop() {
  leaving_ = true;
  asio::post(control_, [this] {
    const auto& settings = settings_.server;
    if (++stop_requests_ == 1) {
      succession_->stopping();
      // Who takes over after a handover, or stops a second time, need not notice.
      const bool at_once = stopping_ || settings.shutdown_delay == Clock::duration::zero();
      if (at_once) return stop(settings.shutdown_grace);
      log::info("stopping in {} ms", settings.shutdown_delay.count());
      stop_timer_.expires_after(settings.shutdown_delay);
      stop_timer_.async_wait([this](error_code) {
        if (!draining_) stop(settings_.server.shutdown_grace);
      });
    } else if (!draining_) {
      stop(Clock::duration::zero());
    } else if (!aborted_) {
      stop_at_ = Clock::now();
    }
  });
}

void Application::stop(Clock::duration grace) {
  draining_ = true;
  proxy_->stop_accepting();
  proxy_->drain();
  stop_at_ = Clock::now() + grace;
  if (const auto open = proxy_->open_connections()) {
    log::info("stopping; {} connections may take up to {} ms to finish", open,
              std::chrono::duration_cast<std::chrono::milliseconds>(grace).count());
  }
  begin_stop();
}

void Application::begin_stop() {
  if (std::exchange(stopping_, true)) return;
  stop_step();
}

/// Every few milliseconds from the first stop request on, until no connection is left.
void Application::stop_step() {
  const auto now = Clock::now();
  if (proxy_->open_connections() == 0 && demo_ && !aborted_) {
    // The proxy's clients are done, so nobody needs the demo's origin any more.
    stop_at_ = now;
  }
  if (now >= stop_at_ && !aborted_) {
    aborted_ = true;
    stop_at_ = now + kAbortPatience;
    proxy_->abort();
    if (demo_) {
      demo_->stop_accepting();
      demo_->abort();
    }
  }
  if ((open_connections() == 0 && !succession_->parting()) || (aborted_ && now >= stop_at_)) {
    signals_.reset();
    running_.reset();
    control_.stop();
    return;
  }
  stop_timer_.expires_after(kStopStep);
  stop_timer_.async_wait([this](error_code) { stop_step(); });
}

unsigned Application::open_connections() const {
  return proxy_->open_connections() + (demo_ ? demo_->open_connections() : 0);
}

std::string Application::address() const {
  return text_of(proxy_->local());
}

std::vector<std::string> Application::demo_lines() const {
  std::vector<std::string> lines;
  if (!demo_) return lines;
  const auto bound = proxy_->local();
  const auto any = bound.address().is_unspecified();
  const auto proxy =
      any ? text_of({asio::ip::address_v4::loopback(), bound.port()}) : text_of(bound);
  for (const auto& [title, path] : routes::demo_streams()) {
    auto line = fmt::format("{}: {}/proxy/hls/manifest.m3u8?d={}", title, proxy,
                            form_encode(text_of(demo_->local()) + std::string(path)));
    if (!settings_.auth.api_password.empty()) {
      line += "&api_password=" + form_encode(settings_.auth.api_password);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace sluice::app
