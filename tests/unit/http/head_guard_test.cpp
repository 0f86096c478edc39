#include "sluice/http/head_guard.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::http;
using namespace std::string_literals;

namespace {

std::string head_of(std::string_view lines) {
  return std::string("GET / HTTP/1.1\r\nHost: h\r\n").append(lines).append("\r\n");
}

}  // namespace

TEST_CASE("find_head_end finds the first empty line", "[http][unit]") {
  struct Row {
    const char* why;
    std::string text;
    std::size_t end;
  };
  const Row rows[] = {
      {"nothing", "", std::string::npos},
      {"shortest", "\r\n\r\n", 4},
      {"head only", "a\r\nb\r\n\r\n", 8},
      {"body behind it", "a\r\n\r\nbody\r\n\r\n", 5},
      {"no empty line", "a\r\nb\r\n", std::string::npos},
      {"one LF short", "a\r\n\r", std::string::npos},
      {"line feeds only", "a\n\n", std::string::npos},
      {"CR CR LF LF", "a\r\r\n\n", std::string::npos},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(find_head_end(row.text) == row.end);
    // What was searched before cannot hold the end's last byte.
    for (std::size_t searched = 0; searched < std::min(row.end, row.text.size()); ++searched) {
      CAPTURE(searched);
      CHECK(find_head_end(row.text, searched) == row.end);
    }
  }
}

TEST_CASE("check_request_head accepts what is well formed", "[http][unit]") {
  const std::pair<const char*, std::string> rows[] = {
      {"least", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n"},
      {"any token is a method", "M!#$%&'*+-.^_`|~9 / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"bytes outside ASCII in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"bytes outside ASCII in a value", head_of("X: \xc3\xa4\r\n")},
      {"tab in and around a value", head_of("X:\ta\tb\t\r\n")},
      {"empty value", head_of("X:\r\nY: \r\n")},
      {"colon in a value", head_of("X: a:b\r\n")},
      {"every token character in a name", head_of("!#$%&'*+-.^_`|~aZ9: y\r\n")},
      {"length", head_of("Content-Length: 18446744073709551615\r\n")},
      {"length with white space around", head_of("Content-Length: \t5 \r\n")},
      {"chunked in any case", head_of("transfer-encoding:\tChunked \r\n")},
  };
  for (const auto& [why, head] : rows) {
    INFO(why);
    const auto checked = check_request_head(head, {});
    if (!checked) FAIL_CHECK(checked.error().context);
  }
}

TEST_CASE("check_request_head refuses what two parsers could read differently", "[http][unit]") {
  struct Row {
    const char* why;
    std::string head;
    Errc code = Errc::bad_request;
  };
  const Row rows[] = {
      {"NUL", head_of("X: a\0b\r\n"s)},
      {"control in a value", head_of("X: a\x01\r\n")},
      {"bare CR", head_of("X: a\rb\r\n")},
      {"bare LF", head_of("X: a\nY: b\r\n")},
      {"CR CR LF", head_of("X: a\r\r\n")},
      {"not ended", "GET / HTTP/1.1\r\nHost: h\r\n"},
      {"no line end at all", "GET / HTTP/1.1"},
      {"empty request line", "\r\nHost: h\r\n\r\n"},
      {"folded", head_of("X: a\r\n b\r\n")},
      {"space before the colon", head_of("X : a\r\n")},
      {"no colon", head_of("X\r\n")},
      {"no name", head_of(": a\r\n")},
      {"no Host", "GET / HTTP/1.1\r\n\r\n"},
      {"two Hosts", head_of("host: h\r\n")},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n"},
      {"bad Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {"two lengths", head_of("Content-Length: 1\r\nContent-Length: 1\r\n")},
      {"malformed length", head_of("Content-Length: 1,1\r\n")},
      {"length too large for 64 bits", head_of("Content-Length: 18446744073709551616\r\n")},
      {"two codings", head_of("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"length and coding", head_of("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
      {"coding in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"other coding", head_of("Transfer-Encoding: gzip\r\n"), Errc::unsupported_coding},
      {"list of codings", head_of("Transfer-Encoding: chunked, chunked\r\n"),
       Errc::unsupported_coding},
      {"HTTP/2.0", "GET / HTTP/2.0\r\n\r\n", Errc::unsupported_version},
      {"version with two digits", "GET / HTTP/1.10\r\n\r\n"},
      {"version without dot", "GET / HTTP/1,1\r\n\r\n"},
      {"version in lower case", "GET / http/1.1\r\n\r\n"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto checked = check_request_head(row.head, {});
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().code == row.code);
    CHECK(checked.error().origin == Origin::client);
    CHECK_FALSE(checked.error().context.empty());
  }
}

TEST_CASE("check_request_head counts header lines", "[http][unit]") {
  const HeadLimits three{1000, 3};
  CHECK(check_request_head(head_of("A: 1\r\nB: 2\r\n"), three).has_value());
  const auto four = check_request_head(head_of("A: 1\r\nB: 2\r\nC: 3\r\n"), three);
  REQUIRE_FALSE(four.has_value());
  CHECK(four.error().code == Errc::header_too_large);
}

TEST_CASE("check_request_head refuses every control character everywhere", "[http][unit]") {
  const std::string good = "GET /a HTTP/1.1\r\nHost: h\r\nXY: yz\r\n\r\n";
  REQUIRE(check_request_head(good, {}).has_value());
  const auto value_at = good.find("yz") + 1;
  for (int c = 0; c < 0x20; ++c) {
    for (const auto at : {good.find("GET"), good.find("/a") + 1, good.find("XY") + 1, value_at}) {
      CAPTURE(c, at);
      auto bad = good;
      bad[at] = static_cast<char>(c);
      CHECK(check_request_head(bad, {}).has_value() == (c == '\t' && at == value_at));
    }
  }
}

TEST_CASE("check_head_start refuses what cannot become a head", "[http][unit]") {
  struct Row {
    const char* why;
    std::string text;
    bool sound;
  };
  const Row rows[] = {
      {"nothing yet", "", true},
      {"a part of a line", "GET / HT", true},
      {"CR at the end", "GET / HTTP/1.1\r", true},
      {"a line", "GET / HTTP/1.1\r\n", true},
      {"tab, and bytes outside ASCII", "X:\t\xc3\xa4", true},
      {"LF alone", "GET / HTTP/1.1\n", false},
      {"LF first", "\n", false},
      {"CR alone", "GET / HTTP/1.1\rX", false},
      {"two CRs", "a\r\r", false},
      {"NUL", "a\0"s, false},
      {"TLS record", "\x16\x03\x01", false},
      {"DEL", "a\x7f", false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(check_head_start(row.text).has_value() == row.sound);
    // The same verdict when it arrives byte by byte.
    bool sound = true;
    for (std::size_t size = 1; size <= row.text.size(); ++size) {
      sound = sound && check_head_start(std::string_view(row.text).substr(0, size), size - 1);
    }
    CHECK(sound == row.sound);
  }
}

TEST_CASE("is_host_value knows host and port", "[http][unit]") {
  struct Row {
    const char* why;
    std::string_view value;
    bool host;
  };
  const Row rows[] = {
      {"empty", "", true},
      {"name", "example.com", true},
      {"name and port", "example.com:8080", true},
      {"empty port", "example.com:", true},
      {"underscore", "my_host", true},
      {"IPv6", "[::1]", true},
      {"IPv6 and port", "[2001:db8::1]:80", true},
      {"IPv6 without brackets", "::1", false},
      {"unfinished bracket", "[::1", false},
      {"text behind the bracket", "[::1]x", false},
      {"port with letters", "h:80x", false},
      {"two ports", "h:80:81", false},
      {"path", "h/x", false},
      {"query", "h?x", false},
      {"fragment", "h#x", false},
      {"user", "u@h", false},
      {"list", "h,i", false},
      {"space", "h i", false},
      {"backslash", "h\\i", false},
      {"markup", "<h>", false},
      {"tab", "h\ti", false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(is_host_value(row.value) == row.host);
  }
}
