#include "support/proxy.hpp"

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "sluice/app/application.hpp"
#include "sluice/core/encoding.hpp"
#include "support/captured_log.hpp"

namespace sluice::test {
namespace {

app::Settings test_settings(const std::function<void(app::Settings&)>& change) {
  app::Settings settings;
  settings.server.port = 0;
  settings.server.workers = 2;
  settings.upstream.reach = upstream::Reach::any;
  settings.log.level = log::Level::off;
  if (change) change(settings);
  write_test_log();
  log::configure(settings.log);
  return settings;
}

}  // namespace

struct Proxy::State {
  explicit State(const app::Settings& settings) : initial(settings), application(settings, false) {
    std::signal(SIGPIPE, SIG_IGN);  // as main() does
    if (auto bound = application.listen(); !bound) {
      throw std::runtime_error(bound.error().context);
    }
    thread = std::thread([this] {
      application.run();
      stopped = true;
    });
  }
  ~State() {
    // The second request does not wait for running responses.
    application.request_stop();
    application.request_stop();
    thread.join();
  }

  const app::Settings initial;
  app::Application application;
  std::atomic<bool> stopped = false;
  std::thread thread;
};

Proxy::Proxy(const std::function<void(app::Settings&)>& change)
    : state_(std::make_unique<State>(test_settings(change))) {}

Proxy::~Proxy() = default;

std::uint16_t Proxy::port() const noexcept {
  return state_->application.port();
}

std::string Proxy::target(std::string_view path, std::string_view url, std::string_view more) {
  return std::string(path) + "?d=" + form_encode(url) + std::string(more);
}

Response Proxy::fetch(std::string_view path, std::string_view url, std::string_view more,
                      const Headers& headers) const {
  return get(port(), target(path, url, more), headers);
}

void Proxy::reload(const std::function<void(app::Settings&)>& change) {
  auto settings = state_->initial;
  change(settings);
  state_->application.request_reload(
      [settings]() -> app::Checked<app::Settings> { return settings; });
}

void Proxy::request_stop() {
  state_->application.request_stop();
}

bool Proxy::stopped() const noexcept {
  return state_->stopped;
}

}  // namespace sluice::test
