#include "sluice/app/socket_activation.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "sluice/app/setting_value.hpp"

namespace sluice::app {
namespace {

constexpr int kFirstPassed = 3;
constexpr const char* kVariables[] = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
                                      "LISTEN_PIDFDID"};

std::optional<std::string_view> variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? std::optional<std::string_view>(value) : std::nullopt;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

Error not_a_number(std::string_view name, std::string_view value) {
  return internal_error(
      fmt::format("{}: expected a number, got {}", name, describe(PlainText{std::string(value)})));
}

}  // namespace

Result<unsigned> passed_sockets(const ListenVariables& variables, pid_t self) {
  if (!variables.pid || !variables.count) return 0u;
  const auto pid = parse_number<pid_t>(*variables.pid);
  if (!pid) return not_a_number("LISTEN_PID", *variables.pid);
  if (*pid != self) return 0u;
  const auto count = parse_number<unsigned>(*variables.count);
  if (!count) return not_a_number("LISTEN_FDS", *variables.count);
  return *count;
}

Result<net::FileDescriptor> take_passed_socket() {
  const auto count = passed_sockets({variable("LISTEN_PID"), variable("LISTEN_FDS")}, ::getpid());
  for (const char* name : kVariables) ::unsetenv(name);
  if (!count) return count.error();
  if (*count == 0) return net::FileDescriptor();
  if (*count > 1) {
    return internal_error(
        fmt::format("LISTEN_FDS: {} sockets were passed, but only one can be listened on", *count));
  }
  if (::fcntl(kFirstPassed, F_GETFD) < 0) {
    return internal_error(fmt::format(
        "LISTEN_FDS: descriptor {} is not open, though it was to be passed", kFirstPassed));
  }
  return net::FileDescriptor(kFirstPassed);
}

}  // namespace sluice::app
