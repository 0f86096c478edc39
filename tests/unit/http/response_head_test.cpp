#include "sluice/http/response_head.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::http;

namespace {

using Kind = BodyFraming::Kind;

Result<ResponseHead> parse(std::string_view lines, Method method = Method::get) {
  return parse_response_head(std::string(lines).append("\r\n"), method);
}

}  // namespace

TEST_CASE("parse_response_head decides how the body ends", "[http][unit]") {
  struct Row {
    const char* why;
    std::string lines;
    Method method;
    BodyFraming body;
    bool keep_alive;
  };
  const auto get = Method::get;
  const auto head = Method::head;
  const Row rows[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", get, {Kind::length, 5}, true},
      {"length zero", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", get, {}, true},
      {"the same length twice",
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n",
       get,
       {Kind::length, 5},
       true},
      {"chunks",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n",
       get,
       {Kind::chunked, 0},
       true},
      {"no reason", "HTTP/1.1 200 \r\nContent-Length: 5\r\n", get, {Kind::length, 5}, true},
      {"not even the blank before it",
       "HTTP/1.1 200\r\nContent-Length: 5\r\n",
       get,
       {Kind::length, 5},
       true},
      {"neither", "HTTP/1.1 200 OK\r\n", get, {Kind::until_close, 0}, false},
      {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", head, {}, true},
      {"HEAD with chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", head, {}, true},
      {"204", "HTTP/1.1 204 No Content\r\n", get, {}, true},
      {"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n", get, {}, true},
      {"100", "HTTP/1.1 100 Continue\r\n", get, {}, true},
      {"close",
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n",
       get,
       {Kind::length, 5},
       false},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n", get, {Kind::length, 5}, false},
      {"HTTP/1.0 kept",
       "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n",
       get,
       {Kind::length, 5},
       true},
      {"no reason", "HTTP/1.1 200 \r\nContent-Length: 5\r\n", get, {Kind::length, 5}, true},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto parsed = parse(row.lines, row.method);
    REQUIRE(parsed.has_value());
    CHECK((parsed->body == row.body));
    CHECK(parsed->keep_alive == row.keep_alive);
  }
}

TEST_CASE("parse_response_head keeps status and headers", "[http][unit]") {
  const auto parsed = parse("HTTP/1.1 451 No\r\nX: a\r\nSet-Cookie: b\r\nset-cookie: c\r\n");
  REQUIRE(parsed.has_value());
  CHECK(parsed->status == 451);
  REQUIRE(parsed->headers.size() == 3);
  CHECK(parsed->headers[0].name == "X");
  CHECK(parsed->headers.count("Set-Cookie") == 2);
}

TEST_CASE("parse_response_head refuses what two parsers could read differently", "[http][unit]") {
  using namespace std::string_literals;
  const std::pair<const char*, std::string> rows[] = {
      {"not HTTP", "ICY 200 OK\r\n"},
      {"junk", "nonsense\r\n"},
      {"empty", ""},
      {"status of two digits", "HTTP/1.1 20 OK\r\n"},
      {"status with letters", "HTTP/1.1 2xx OK\r\n"},
      {"HTTP/2", "HTTP/2.0 200 OK\r\n"},
      {"different lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n"},
      {"list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n"},
      {"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n"},
      {"length over 64 bits", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n"},
      {"length and chunks",
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"},
      {"coding not spoken", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n"},
      {"NUL in a value", "HTTP/1.1 200 OK\r\nX: a\0b\r\n"s},
      {"line without colon", "HTTP/1.1 200 OK\r\nnonsense\r\n"},
      {"space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n"},
      {"two codings",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
       "Transfer-Encoding: identity\r\n"},
  };
  for (const auto& [why, lines] : rows) {
    INFO(why);
    const auto parsed = parse(lines);
    CHECK_FALSE(parsed.has_value());
    if (parsed) continue;
    CHECK(parsed.error().code == Errc::bad_response);
    CHECK(parsed.error().origin == Origin::upstream);
  }
}

TEST_CASE("reason_phrase names the statuses in use", "[http][unit]") {
  CHECK(reason_phrase(200) == "OK");
  CHECK(reason_phrase(206) == "Partial Content");
  CHECK(reason_phrase(503) == "Service Unavailable");
  CHECK(reason_phrase(799).empty());
}
