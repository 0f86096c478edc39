#include "sluice/core/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"

namespace sluice::log {
namespace {

/// What `action` writes to standard error, which is a file meanwhile.
std::string standard_error_of(const std::function<void()>& action) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fflush(stderr);
  const int before = ::dup(STDERR_FILENO);
  ::dup2(::fileno(file), STDERR_FILENO);
  action();
  std::fflush(stderr);
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  std::string text;
  std::rewind(file);
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

/// Sets the log up for one test, and back afterwards.
struct Configured {
  explicit Configured(Level level, bool requests = true) { configure({level, requests}); }
  ~Configured() { configure(Settings()); }
  Configured(const Configured&) = delete;
  Configured& operator=(const Configured&) = delete;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  CHECK(start == text.size());
  return lines;
}

/// The line without its time.
std::string after_time(const std::string& line) {
  const std::size_t space = line.find(' ');
  return space == std::string::npos ? line : line.substr(space + 1);
}

TEST_CASE("Log line has time, level and text", "[core][unit]") {
  const Configured configured(Level::debug);
  const auto lines = lines_of(standard_error_of([] {
    debug("a {}", 1);
    info("b");
    warning("c {} {}", "x", 2.5);
    error("d");
    write(Level::info, "{not a format}");
  }));
  REQUIRE(lines.size() == 5);
  CHECK(after_time(lines[0]) == "debug a 1");
  CHECK(after_time(lines[1]) == "info b");
  CHECK(after_time(lines[2]) == "warning c x 2.5");
  CHECK(after_time(lines[3]) == "error d");
  CHECK(after_time(lines[4]) == "info {not a format}");
}

TEST_CASE("Log time is ISO 8601 in UTC with milliseconds", "[core][unit]") {
  // A zone far from UTC would show in the hour.
  const char* before = std::getenv("TZ");
  const std::string zone = before == nullptr ? "" : before;
  ::setenv("TZ", "XXX-11", 1);
  ::tzset();
  const std::time_t start = std::time(nullptr);
  const std::string line = standard_error_of([] { info("x"); });
  const std::time_t end = std::time(nullptr);
  if (before == nullptr) {
    ::unsetenv("TZ");
  } else {
    ::setenv("TZ", zone.c_str(), 1);
  }
  ::tzset();

  std::tm time{};
  const char* rest = ::strptime(line.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  REQUIRE(rest != nullptr);
  CHECK(rest - line.c_str() == 19);
  std::string shape = rest;
  for (char& c : shape)
    if (c >= '0' && c <= '9') c = '0';
  CHECK(shape == ".000Z info x\n");
  CHECK(::timegm(&time) >= start - 1);
  CHECK(::timegm(&time) <= end + 1);
}

TEST_CASE("Log writes lines of the wanted level and above", "[core][unit]") {
  struct Row {
    Level level;
    std::vector<std::string> want;
  };
  const Row rows[] = {
      {Level::debug, {"debug x", "info x", "warning x", "error x"}},
      {Level::info, {"info x", "warning x", "error x"}},
      {Level::warning, {"warning x", "error x"}},
      {Level::error, {"error x"}},
      {Level::off, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.level));
    const Configured configured(row.level);
    std::vector<std::string> got;
    for (const std::string& line : lines_of(standard_error_of([] {
           for (const Level level :
                {Level::debug, Level::info, Level::warning, Level::error, Level::off})
             write(level, "x");
         })))
      got.push_back(after_time(line));
    CHECK(got == row.want);
    CHECK(enabled(Level::error) == (row.level != Level::off));
    CHECK_FALSE(enabled(Level::off));
  }
}

TEST_CASE("Log does not format what it will not write", "[core][unit]") {
  const Configured configured(Level::error);
  const std::string text = standard_error_of([] { info("{}", std::string(10, 'x')); });
  CHECK(text.empty());
}

TEST_CASE("Log cannot be made to forge lines or drive a terminal", "[core][unit]") {
  struct Row {
    const char* why;
    std::string text;
    std::string want;
  };
  const Row rows[] = {
      {"a new line", "a\r\n2026-01-01 error b", "a??2026-01-01 error b"},
      {"an escape sequence", "\x1b[31mred", "?[31mred"},
      {"NUL, tab and DEL", std::string("a\0b\tc\x7f", 6), "a?b?c?"},
      {"a C1 control in UTF-8",
       "a\xc2\x9b"
       "31m",
       "a??31m"},
      {"other UTF-8 stays", "\xc3\xa9 \xc2\xa0 \xe2\x82\xac", "\xc3\xa9 \xc2\xa0 \xe2\x82\xac"},
      {"a lone lead byte at the end", "a\xc2", "a\xc2"},
      {"empty", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const auto lines = lines_of(standard_error_of([&] { write(Level::info, row.text); }));
    REQUIRE(lines.size() == 1);
    CHECK(after_time(lines[0]) == "info " + row.want);
  }
}

TEST_CASE("Log lines of several threads do not mix", "[core][unit]") {
  constexpr int kThreads = 4;
  constexpr int kLines = 250;
  const std::string text = standard_error_of([] {
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < kLines; ++i) info("{}", std::string(50, static_cast<char>('a' + t)));
      });
    for (std::thread& thread : threads) thread.join();
  });
  std::vector<int> counts(kThreads);
  for (const std::string& line : lines_of(text)) {
    const std::string tail = after_time(line);
    REQUIRE(tail.size() == 5 + 50);
    const char letter = tail.back();
    REQUIRE((letter >= 'a' && letter < 'a' + kThreads));
    REQUIRE(tail == "info " + std::string(50, letter));
    ++counts[static_cast<std::size_t>(letter - 'a')];
  }
  CHECK(counts == std::vector<int>(kThreads, kLines));
}

TEST_CASE("Log in JSON has the same lines as objects", "[core][unit]") {
  struct InJson {
    InJson() { configure({Level::info, true, Format::json}); }
    ~InJson() { configure(Settings()); }
  };
  const InJson configured;
  const auto lines = lines_of(standard_error_of([] {
    debug("not wanted");
    info("a {}", 1);
    const Field fields[] = {{"id", "x"}, {"status", std::uint64_t{200}}, {"took", 1.5}};
    write(Level::warning, "two\nlines", fields);
  }));
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], Catch::StartsWith("{\"time\":\"20"));
  CHECK_THAT(lines[0], Catch::EndsWith("Z\",\"level\":\"info\",\"message\":\"a 1\"}"));
  CHECK_THAT(lines[1], Catch::EndsWith("\"level\":\"warning\",\"message\":\"two\\nlines\",\"id\":"
                                       "\"x\",\"status\":200,\"took\":1.500}"));
}

TEST_CASE("Log fields do not show in text", "[core][unit]") {
  const Configured configured(Level::info);
  const Field fields[] = {{"id", "x"}};
  const auto lines = lines_of(standard_error_of([&] { write(Level::info, "message", fields); }));
  REQUIRE(lines.size() == 1);
  CHECK(after_time(lines[0]) == "info message");
}

TEST_CASE("Log tap reads what the settings hide", "[core][unit]") {
  const Configured configured(Level::error, false);
  std::vector<std::string> tapped;
  const auto read = [&](Level level, std::string_view line) {
    tapped.push_back(std::string(to_string(level)).append(" ").append(line));
  };
  const auto text = standard_error_of([&] {
    debug("before");
    set_tap(read);
    debug("a\n");
    error("b");
    CHECK(requests_enabled());
    set_tap(read, Level::info);
    debug("c");
    info("d");
    set_tap({});
    info("after");
    CHECK_FALSE(requests_enabled());
  });
  CHECK(tapped == std::vector<std::string>{"debug a?", "error b", "info d"});
  REQUIRE(lines_of(text).size() == 1);
  CHECK(after_time(lines_of(text)[0]) == "error b");
}

TEST_CASE("Log of requests needs its switch and the level info", "[core][unit]") {
  struct Row {
    Level level;
    bool requests;
    bool want;
  };
  for (const Row& row : {Row{Level::debug, true, true}, Row{Level::info, true, true},
                         Row{Level::info, false, false}, Row{Level::warning, true, false}}) {
    CAPTURE(to_string(row.level), row.requests);
    const Configured configured(row.level, row.requests);
    CHECK(requests_enabled() == row.want);
  }
}

TEST_CASE("Log level has one name", "[core][unit]") {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error, Level::off})
    CHECK(parse_level(to_string(level)) == level);
  for (const char* name : {"", "warn", "Info", "info ", "trace"}) {
    CAPTURE(name);
    CHECK(parse_level(name) == std::nullopt);
  }
  CHECK(to_string(static_cast<Level>(5)).empty());
}

}  // namespace
}  // namespace sluice::log
