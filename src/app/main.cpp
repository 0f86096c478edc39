#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "sluice/app/application.hpp"
#include "sluice/app/command_line.hpp"
#include "sluice/app/socket_activation.hpp"
#include "sluice/core/log.hpp"

namespace {

using namespace sluice;

/// A command line, settings or an address that cannot be used.
constexpr int kUnusable = 2;

int fail(std::string_view why) {
  fmt::print(stderr, "sluice: {}\n", why);
  return kUnusable;
}

/// Two descriptors per stream: the shells' usual soft limit of 1024 is too low for a server.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void greet(const app::Application& application, const app::Settings& settings) {
  fmt::print("sluice {} listening on {} ({}); stop with Ctrl-C or SIGTERM\n", SLUICE_VERSION,
             application.address(),
             settings.auth.api_password.empty() ? "no password" : "password required");
  const auto streams = application.demo_lines();
  if (!streams.empty()) {
    fmt::print("Streams to try, in VLC, mpv, ffplay, Safari or a page with hls.js:\n");
    for (const auto& line : streams) fmt::print("  {}\n", line);
  }
  std::fflush(stdout);
}

void log_notes(const app::SourcedSettings& settings) {
  for (const std::string& note : settings.notes()) log::warning("{}", note);
}

/// For SIGHUP: from the sources of the start, whose environment cannot change.
app::Checked<app::Settings> load_again(const std::vector<std::string>& arguments,
                                       const app::Surroundings& surroundings) {
  const auto invocation = app::parse_command_line(arguments, surroundings);
  if (!invocation) return invocation.error();
  log_notes(invocation->settings);
  return invocation->settings.values();
}

int serve(const app::SourcedSettings& sourced, bool demo, app::Application::Load load_again) {
  const app::Settings& settings = sourced.values();
  log::configure(settings.log);
  log_notes(sourced);
  raise_file_limit();
  auto passed = app::take_passed_socket();  // first of all: its descriptor has a fixed number
  if (!passed) return fail(passed.error().context);
  app::Application application(settings, demo);
  application.obey_signals(std::move(load_again));
  if (auto bound = application.listen(std::move(*passed)); !bound) {
    return fail(bound.error().context);
  }
  greet(application, settings);
  application.run();
  std::fflush(stdout);
  const int code = application.gave_up() ? kUnusable : 0;
  if (application.stuck()) std::_Exit(code);
  return code;
}

int run(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  app::Surroundings surroundings;
  surroundings.environment = app::variables_of(environ);
  const auto invocation = app::parse_command_line(arguments, surroundings);
  if (!invocation) return fail(invocation.error().text);
  switch (invocation->command) {
    case app::Command::serve:
    case app::Command::demo:
      return serve(invocation->settings, invocation->command == app::Command::demo,
                   [arguments, surroundings] { return load_again(arguments, surroundings); });
    case app::Command::check_config:
    case app::Command::version:
    case app::Command::help: fmt::print("{}", invocation->output); break;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    return fail(failure.what());  // no memory, no threads
  }
}
