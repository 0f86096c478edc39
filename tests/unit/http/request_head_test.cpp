#include "sluice/http/request_head.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::http;

namespace {

using Kind = BodyFraming::Kind;

Result<RequestHead> parse(std::string_view line, std::string_view lines = "Host: h\r\n") {
  return parse_request_head(std::string(line).append("\r\n").append(lines).append("\r\n"), {});
}

}  // namespace

TEST_CASE("parse_request_head knows the methods it serves", "[http][unit]") {
  const std::tuple<const char*, Method, std::string_view> rows[] = {
      {"GET", Method::get, "GET"},
      {"HEAD", Method::head, "HEAD"},
      {"OPTIONS", Method::options, "OPTIONS"},
      {"POST", Method::post, "POST"},
      {"DELETE", Method::other, "other"},
      {"get", Method::other, "other"},
      {"GETS", Method::other, "other"},
  };
  for (const auto& [name, method, text] : rows) {
    CAPTURE(name);
    const auto head = parse(std::string(name) + " / HTTP/1.1");
    REQUIRE(head.has_value());
    CHECK(head->method == method);
    CHECK(to_string(head->method) == text);
  }
}

TEST_CASE("parse_request_head brings every target to origin-form", "[http][unit]") {
  struct Row {
    const char* why;
    std::string line;
    std::string target, path, query, host;
  };
  const Row rows[] = {
      {"path", "GET /a/b HTTP/1.1", "/a/b", "/a/b", "", "h"},
      {"path and query", "GET /a?b=c?d HTTP/1.1", "/a?b=c?d", "/a", "b=c?d", "h"},
      {"empty query", "GET /a? HTTP/1.1", "/a?", "/a", "", "h"},
      {"escapes stay", "GET /%2f?%41 HTTP/1.1", "/%2f?%41", "/%2f", "%41", "h"},
      {"slashes stay", "GET //x//y HTTP/1.1", "//x//y", "//x//y", "", "h"},
      {"URL in the query", "GET /p?d=http://o/x HTTP/1.1", "/p?d=http://o/x", "/p", "d=http://o/x",
       "h"},
      {"absolute", "GET http://o:81/a?b HTTP/1.1", "/a?b", "/a", "b", "o:81"},
      {"absolute, https, capitals", "GET HTTPS://o/a HTTP/1.1", "/a", "/a", "", "o"},
      {"absolute without path", "GET http://o HTTP/1.1", "/", "/", "", "o"},
      {"absolute with query only", "GET http://o?b HTTP/1.1", "/?b", "/", "b", "o"},
      {"absolute, IPv6", "GET http://[::1]:81/ HTTP/1.1", "/", "/", "", "[::1]:81"},
      {"asterisk", "OPTIONS * HTTP/1.1", "*", "*", "", "h"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto head = parse(row.line);
    REQUIRE(head.has_value());
    CHECK(head->target == row.target);
    CHECK(head->path() == row.path);
    CHECK(head->query() == row.query);
    CHECK(head->headers.value("Host") == row.host);
    CHECK(head->headers.count("Host") == 1);
  }
}

TEST_CASE("parse_request_head refuses targets that are no path", "[http][unit]") {
  for (const auto* line :
       {"GET * HTTP/1.1", "GET a HTTP/1.1", "GET h:80 HTTP/1.1", "CONNECT h:80 HTTP/1.1",
        "GET ?a HTTP/1.1", "GET http:/h HTTP/1.1", "GET http:///a HTTP/1.1",
        "GET http://?a HTTP/1.1", "GET http://u@h/ HTTP/1.1", "GET ftp://h/ HTTP/1.1",
        "OPTIONS ** HTTP/1.1"}) {
    CAPTURE(line);
    const auto head = parse(line);
    REQUIRE_FALSE(head.has_value());
    CHECK(head.error().code == Errc::bad_request);
  }
}

TEST_CASE("parse_request_head keeps the headers as they came", "[http][unit]") {
  const auto head = parse("GET / HTTP/1.1", "hOsT: h\r\nX-A:  1 \r\nX-Empty:\r\nx-a: 2\r\n");
  REQUIRE(head.has_value());
  REQUIRE(head->headers.size() == 4);
  CHECK(head->headers[0].name == "hOsT");
  CHECK(head->headers[1].value == "1");
  CHECK(head->headers[2].value.empty());
  CHECK(head->headers[3].name == "x-a");
}

TEST_CASE("parse_request_head decides about body and connection", "[http][unit]") {
  struct Row {
    const char* why;
    std::string version, lines;
    BodyFraming body;
    bool keep_alive;
    bool expects_continue;
  };
  const Row rows[] = {
      {"least", "1.1", "", {}, true, false},
      {"close", "1.1", "Connection: close\r\n", {}, false, false},
      {"HTTP/1.0", "1.0", "", {}, false, false},
      {"HTTP/1.0 kept", "1.0", "Connection: Keep-Alive\r\n", {}, true, false},
      {"length", "1.1", "Content-Length: 7\r\n", {Kind::length, 7}, true, false},
      {"length zero", "1.1", "Content-Length: 0\r\n", {}, true, false},
      {"chunked", "1.1", "Transfer-Encoding: Chunked\r\n", {Kind::chunked, 0}, true, false},
      {"expectation",
       "1.1",
       "Expect: 100-Continue\r\nContent-Length: 7\r\n",
       {Kind::length, 7},
       true,
       true},
      {"expectation in HTTP/1.0 is none", "1.0", "Expect: 100-continue\r\n", {}, false, false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto head = parse("POST / HTTP/" + row.version, "Host: h\r\n" + row.lines);
    REQUIRE(head.has_value());
    CHECK(head->http11 == (row.version == "1.1"));
    CHECK((head->body == row.body));
    CHECK(head->keep_alive == row.keep_alive);
    CHECK(head->expects_continue == row.expects_continue);
  }
  const auto unknown = parse("GET / HTTP/1.1", "Host: h\r\nExpect: x\r\n");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().code == Errc::expectation_failed);
}
