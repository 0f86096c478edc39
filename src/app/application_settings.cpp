#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/post.hpp>

#include "application_signals.hpp"
#include "sluice/app/listen_address.hpp"
#include "sluice/app/setting_change.hpp"
#include "sluice/core/log.hpp"
#include "succession.hpp"

namespace sluice::app {

// Settings that are loaded again while the program runs, and the signal that asks for it.

void Application::obey_signals(Load load) {
  signals_ = std::make_unique<Signals>(control_);
  signals_->load = std::move(load);
  wait_for_signal();
}

void Application::wait_for_signal() {
  signals_->set.async_wait([this](error_code error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      request_reload(signals_->load);
    } else {
      request_stop();
    }
    wait_for_signal();
  });
}

void Application::request_reload(Load load) {
  asio::post(control_, [this, load = std::move(load)] {
    if (stop_requests_ > 0) return;
    succession_->loading();
    reload(load);
    succession_->loaded();
  });
}

void Application::reload(const Load& load) {
  const auto loaded = load();
  if (!loaded) {
    log::error("the settings were not loaded again, the old ones stay: {}", loaded.error().text);
    return;
  }
  // The address stays, whatever they say of it.
  const auto bound = proxy_->local().address().to_string();
  if (is_exposed(loaded->auth, bound)) {
    log::error(
        "the settings were not loaded again, the old ones stay: without auth.api_password everyone "
        "could use {}, on which this process listens (auth.open = true would allow that)",
        bound);
    return;
  }
  const auto change = change_settings(settings_, *loaded);
  for (const auto name : change.needs_restart) {
    log::warning("setting {} has changed, which takes a restart; the old value stays", name);
  }
  log::info("settings loaded again; {}",
            change.applied.empty() ? std::string("nothing changed")
                                   : fmt::format("changed: {}", fmt::join(change.applied, ", ")));
  if (change.applied.empty()) return;
  settings_ = change.settings;
  log::configure(settings_.log);
  limiter_.set_options(upstream::HostLimiter::options_of(settings_.upstream));
  generation_ = std::make_shared<Generation>(settings_);
  generation_->transport.add_own_listener(proxy_->local());
  proxy_->replace(settings_.server.max_connections, serving());
}

server::Server::MakeServing Application::serving() {
  return [this, generation = generation_](std::size_t worker) {
    return generations_.make(worker, generation);
  };
}

}  // namespace sluice::app
