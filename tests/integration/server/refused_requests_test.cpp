#include "refusal.hpp"

using namespace sluice::test;
using namespace std::string_literals;

namespace {

std::string with_line(std::string_view request_line) {
  return std::string(request_line).append("\r\nHost: h\r\n\r\n");
}

}  // namespace

TEST_CASE("Server refuses malformed request lines", "[server][integration]") {
  const RefusedRequest rows[] = {
      {"two spaces after the method", 400, with_line("GET  /health HTTP/1.1")},
      {"two spaces before the version", 400, with_line("GET /health  HTTP/1.1")},
      {"space at the end", 400, with_line("GET /health HTTP/1.1 ")},
      {"space in front", 400, with_line(" GET /health HTTP/1.1")},
      {"space in the target", 400, with_line("GET /hea lth HTTP/1.1")},
      {"tabs for spaces", 400, with_line("GET\t/health\tHTTP/1.1")},
      {"no version", 400, with_line("GET /health")},
      {"no target", 400, with_line("GET HTTP/1.1")},
      {"no method", 400, with_line("/health HTTP/1.1")},
      {"method is no token", 400, with_line("G(T /health HTTP/1.1")},
      {"version in lower case", 400, with_line("GET /health http/1.1")},
      {"minor version of two digits", 400, with_line("GET /health HTTP/1.10")},
      {"version without dot", 400, with_line("GET /health HTTP/1,1")},
      {"version of another protocol", 400, with_line("GET /health ICY/1.0")},
      {"version with a suffix", 400, with_line("GET /health HTTP/1.1x")},
      {"HTTP/2.0", 505, with_line("GET /health HTTP/2.0")},
      {"HTTP/0.9", 505, with_line("GET /health HTTP/0.9")},
      {"HTTP/1.2", 505, with_line("GET /health HTTP/1.2")},
      {"HTTP/2 by prior knowledge", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"authority-form without CONNECT", 400, with_line("GET example.com:80 HTTP/1.1")},
      {"CONNECT", 400, with_line("CONNECT example.com:443 HTTP/1.1")},
      {"asterisk without OPTIONS", 400, with_line("GET * HTTP/1.1")},
      {"relative path", 400, with_line("GET health HTTP/1.1")},
      {"absolute-form of another scheme", 400, with_line("GET ftp://h/health HTTP/1.1")},
      {"absolute-form without host", 400, with_line("GET http:///health HTTP/1.1")},
      {"absolute-form with user", 400, with_line("GET http://u:p@h/health HTTP/1.1")},
      {"absolute-form with bad port", 400, with_line("GET http://h:1x/health HTTP/1.1")},
      {"bare CR in the target", 400, with_line("GET /hea\rlth HTTP/1.1")},
      {"bare LF in the target", 400, with_line("GET /hea\nlth HTTP/1.1")},
      {"NUL in the method", 400, with_line("G\0T /health HTTP/1.1"s)},
      {"NUL in the target", 400, with_line("GET /health\0 HTTP/1.1"s)},
      {"NUL in the version", 400, with_line("GET /health HTTP/1.\0"s)},
      {"escape in the target", 400, with_line("GET /health\x1b[2J HTTP/1.1")},
      {"DEL in the target", 400, with_line("GET /health\x7f HTTP/1.1")},
  };
  Refusals refusals;
  for (const auto& row : rows) refusals.check(row);
}

TEST_CASE("Server refuses malformed header lines", "[server][integration]") {
  const RefusedRequest rows[] = {
      {"no Host", 400, "GET /health HTTP/1.1\r\n\r\n"},
      {"two Hosts", 400, health_with("Host: other\r\n")},
      {"the same Host twice", 400, health_with("Host: h\r\n")},
      {"list of Hosts", 400, "GET /health HTTP/1.1\r\nHost: h, other\r\n\r\n"},
      {"Host with path", 400, "GET /health HTTP/1.1\r\nHost: h/health\r\n\r\n"},
      {"Host with space", 400, "GET /health HTTP/1.1\r\nHost: h other\r\n\r\n"},
      {"Host with user", 400, "GET /health HTTP/1.1\r\nHost: u@h\r\n\r\n"},
      {"Host with bad port", 400, "GET /health HTTP/1.1\r\nHost: h:80a\r\n\r\n"},
      {"Host with two ports", 400, "GET /health HTTP/1.1\r\nHost: h:80:81\r\n\r\n"},
      {"Host with open bracket", 400, "GET /health HTTP/1.1\r\nHost: [::1\r\n\r\n"},
      {"folded line", 400, health_with("X: a\r\n b\r\n")},
      {"line folded with a tab", 400, health_with("X: a\r\n\tb\r\n")},
      {"first header line indented", 400, "GET /health HTTP/1.1\r\n X: y\r\nHost: h\r\n\r\n"},
      {"space before the colon", 400, health_with("X : y\r\n")},
      {"space inside the name", 400, health_with("X Y: z\r\n")},
      {"no colon", 400, health_with("nonsense\r\n")},
      {"empty name", 400, health_with(": y\r\n")},
      {"name is no token", 400, health_with("X(Y): z\r\n")},
      {"name outside ASCII", 400, health_with("X\xc3\xa4: y\r\n")},
      {"NUL in a name", 400, health_with("X\0Y: z\r\n"s)},
      {"NUL in a value", 400, health_with("X: y\0z\r\n"s)},
      {"backspace in a value", 400, health_with("X: y\bz\r\n")},
      {"DEL in a value", 400, health_with("X: y\x7f\r\n")},
      {"bare CR in a value", 400, health_with("X: y\rz\r\n")},
      {"bare LF as line end", 400, health_with("X: y\n")},
      {"bare CR as line end", 400, health_with("X: y\r")},
      {"CR CR LF as line end", 400, health_with("X: y\r\r\n")},
      {"LF CR LF as head end", 400, "GET /health HTTP/1.1\r\nHost: h\n\r\n"},
      {"LF only", 400, "GET /health HTTP/1.1\nHost: h\n\n"},
      {"CR only", 400, "GET /health HTTP/1.1\rHost: h\r\r"},
      {"unknown expectation", 417, health_with("Expect: 200-maybe\r\n")},
      {"expectation with a parameter", 417, health_with("Expect: 100-continue;q=1\r\n")},
  };
  Refusals refusals;
  for (const auto& row : rows) refusals.check(row);
}

TEST_CASE("Server refuses what is not HTTP at once", "[server][integration]") {
  const auto junk = [] {
    std::string bytes;
    for (int i = 0; i < 300; ++i) bytes += static_cast<char>((i * 89 + 131) & 0xff);
    return bytes;
  }();
  // Nothing here waits for the end of a head, so no time-out takes part.
  const RefusedRequest rows[] = {
      {"TLS client hello", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
      {"SOCKS 5 greeting", 400, "\x05\x01\x00"s},
      {"binary junk", 400, junk},
      {"SSH greeting", 400, "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
      {"only line feeds", 400, "\n\n\n\n"},
  };
  Refusals refusals;
  for (const auto& row : rows) refusals.check(row);
  Proxy proxy;
  for (const auto& row : rows) {
    INFO(row.why);
    RawConnection connection(proxy.port());
    REQUIRE(connection.send(row.bytes));
    const auto response = connection.read_response();
    CHECK(response.status == row.status);
    CHECK(response.closed_after);
  }
}

TEST_CASE("Server limits the size of a request head", "[server][integration]") {
  constexpr std::size_t kLimit = 64 * 1024;
  const auto head_of = [](std::size_t size) {
    const std::string before = "GET /health?";
    const std::string after = " HTTP/1.1\r\nHost: h\r\n\r\n";
    return before + std::string(size - before.size() - after.size(), 'a') + after;
  };
  const auto headers_of = [](int count) {  // Host is one of them
    std::string lines;
    for (int i = 1; i < count; ++i) lines += "X: y\r\n";
    return health_with(lines);
  };
  const RefusedRequest refused[] = {
      {"one byte too long", 431, head_of(kLimit + 1)},
      {"a line without end", 431, "GET /" + std::string(2 * kLimit, 'a')},
      {"header value without end", 431, health_with("X: " + std::string(2 * kLimit, 'a'))},
      {"one header line too many", 431, headers_of(101)},
  };
  Proxy proxy;
  for (const auto& row : refused) {
    INFO(row.why);
    RawConnection connection(proxy.port());
    connection.send(row.bytes);
    const auto response = connection.read_response();
    CHECK(response.status == row.status);
    CHECK(response.complete);
    CHECK(response.closed_after);
  }
  const RefusedRequest served[] = {
      {"as long as allowed", 200, head_of(kLimit)},
      {"as many header lines as allowed", 200, headers_of(100)},
  };
  for (const auto& row : served) {
    INFO(row.why);
    RawConnection connection(proxy.port());
    REQUIRE(connection.send(row.bytes + row.bytes));
    for (int i = 0; i < 2; ++i) CHECK(connection.read_response().status == row.status);
  }
}
