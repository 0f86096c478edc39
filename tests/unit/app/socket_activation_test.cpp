#include "sluice/app/socket_activation.hpp"

#include "support/catch.hpp"

namespace sluice::app {
namespace {

TEST_CASE("Passed sockets are counted as the service manager says", "[app][unit]") {
  struct Row {
    const char* why;
    ListenVariables variables;
    unsigned count;
    const char* problem;  ///< nullptr: none
  };
  const Row rows[] = {
      {"no variables", {}, 0, nullptr},
      {"one", {"42", "1"}, 1, nullptr},
      {"several", {"42", "3"}, 3, nullptr},
      {"none", {"42", "0"}, 0, nullptr},
      {"inherited from a parent they were meant for", {"41", "1"}, 0, nullptr},
      {"a longer number that begins alike", {"421", "1"}, 0, nullptr},
      {"no process", {std::nullopt, "1"}, 0, nullptr},
      {"no count", {"42", std::nullopt}, 0, nullptr},
      {"process is no number", {"self", "1"}, 0, "LISTEN_PID: expected a number, got \"self\""},
      {"process is empty", {"", "1"}, 0, "LISTEN_PID"},
      {"something after the process", {"42 ", "1"}, 0, "LISTEN_PID"},
      {"process is too large", {"99999999999999999999", "1"}, 0, "LISTEN_PID"},
      {"count is no number", {"42", "one"}, 0, "LISTEN_FDS: expected a number, got \"one\""},
      {"count is negative", {"42", "-1"}, 0, "LISTEN_FDS"},
      {"count is empty", {"42", ""}, 0, "LISTEN_FDS"},
      {"something after the count", {"42", "1x"}, 0, "LISTEN_FDS"},
      {"a count for another process is not looked at", {"41", "one"}, 0, nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.why);
    const auto count = passed_sockets(row.variables, 42);
    REQUIRE(count.has_value() == (row.problem == nullptr));
    if (row.problem) {
      CHECK_THAT(count.error().context, Catch::Contains(row.problem));
    } else {
      CHECK(*count == row.count);
    }
  }
}

}  // namespace
}  // namespace sluice::app
