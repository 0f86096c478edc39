#include "refusal.hpp"

using namespace sluice::test;
using namespace std::string_literals;

TEST_CASE("Server refuses ambiguous body lengths", "[server][integration]") {
  const RefusedRequest rows[] = {
      {"both lengths", 400,
       health_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
      {"both lengths, the other order", 400,
       health_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
      {"two different lengths", 400,
       health_with("Content-Length: 0\r\nContent-Length: 5\r\n", "hello")},
      {"two equal lengths", 400,
       health_with("Content-Length: 5\r\ncontent-length: 5\r\n", "hello")},
      {"list of lengths", 400, health_with("Content-Length: 5, 5\r\n", "hello")},
      {"length with plus", 400, health_with("Content-Length: +5\r\n", "hello")},
      {"length with minus", 400, health_with("Content-Length: -5\r\n", "hello")},
      {"hexadecimal length", 400, health_with("Content-Length: 0x5\r\n", "hello")},
      {"length over 64 bits", 400, health_with("Content-Length: 18446744073709551621\r\n")},
      {"two numbers in a length", 400, health_with("Content-Length: 5 5\r\n", "hello")},
      {"length with junk", 400, health_with("Content-Length: 5a\r\n", "hello")},
      {"length with fraction", 400, health_with("Content-Length: 5.0\r\n", "hello")},
      {"empty length", 400, health_with("Content-Length:\r\n", "hello")},
      {"quoted length", 400, health_with("Content-Length: \"5\"\r\n", "hello")},
      {"folded length", 400, health_with("Content-Length:\r\n 5\r\n", "hello")},
      {"length beyond any limit", 413, health_with("Content-Length: 18446744073709551615\r\n")},
      {"length just over the limit", 413, health_with("Content-Length: 262145\r\n")},
  };
  Refusals refusals;
  for (const auto& row : rows) refusals.check(row);
  refusals.check_smuggled_alone();
}

TEST_CASE("Server refuses disguised transfer codings", "[server][integration]") {
  const auto coding = [](std::string_view lines) { return health_with(lines, "0\r\n\r\n"); };
  const RefusedRequest rows[] = {
      {"almost chunked", 501, coding("Transfer-Encoding: xchunked\r\n")},
      {"chunked not last", 501, coding("Transfer-Encoding: chunked, identity\r\n")},
      {"chunked twice", 501, coding("Transfer-Encoding: chunked,chunked\r\n")},
      {"chunked in two headers", 400,
       coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"chunked and identity in two headers", 400,
       coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
      {"identity", 501, coding("Transfer-Encoding: identity\r\n")},
      {"coding not spoken", 501, coding("Transfer-Encoding: gzip, chunked\r\n")},
      {"coding with parameter", 501, coding("Transfer-Encoding: chunked;q=1\r\n")},
      {"quoted coding", 501, coding("Transfer-Encoding: \"chunked\"\r\n")},
      {"empty coding", 501, coding("Transfer-Encoding:\r\n")},
      {"empty list element", 501, coding("Transfer-Encoding: ,chunked\r\n")},
      {"broken word", 501, coding("Transfer-Encoding: chun ked\r\n")},
      {"unknown coding beside a length", 501,
       coding("Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n")},
      {"space before the colon", 400, coding("Transfer-Encoding : chunked\r\n")},
      {"tab before the colon", 400, coding("Transfer-Encoding\t: chunked\r\n")},
      {"vertical tab before the value", 400,
       coding("Transfer-Encoding: \x0b"
              "chunked\r\n")},
      {"form feed after the value", 400, coding("Transfer-Encoding: chunked\f\r\n")},
      {"NUL after the value", 400, coding("Transfer-Encoding: chunked\0\r\n"s)},
      {"bare CR before the header", 400, coding("X: y\rTransfer-Encoding: chunked\r\n")},
      {"bare LF before the header", 400, coding("X: y\nTransfer-Encoding: chunked\r\n")},
      {"value on a folded line, so an empty one", 501,
       coding("Transfer-Encoding:\r\n chunked\r\n")},
      {"header as a folded line", 400, coding("X: y\r\n Transfer-Encoding: chunked\r\n")},
      {"HTTP/1.0", 400, "GET /health HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"HTTP/1.0 kept alive", 400,
       "GET /health HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n"},
  };
  Refusals refusals;
  for (const auto& row : rows) refusals.check(row);
}

TEST_CASE("Server refuses broken chunks in a request body", "[server][integration]") {
  const RefusedRequest rows[] = {
      {"no number", 400, chunked_health("zz\r\n")},
      {"empty size line", 400, chunked_health("\r\nhello\r\n0\r\n\r\n")},
      {"extension without size", 400, chunked_health(";a=b\r\n")},
      {"negative size", 400, chunked_health("-5\r\nhello\r\n0\r\n\r\n")},
      {"size with plus", 400, chunked_health("+5\r\nhello\r\n0\r\n\r\n")},
      {"size with 0x", 400, chunked_health("0x5\r\nhello\r\n0\r\n\r\n")},
      {"space before the size", 400, chunked_health(" 5\r\nhello\r\n0\r\n\r\n")},
      {"two sizes", 400, chunked_health("5 5\r\nhello\r\n0\r\n\r\n")},
      {"size over 64 bits", 400, chunked_health("10000000000000005\r\nhello\r\n0\r\n\r\n")},
      {"size of many zeros", 400, chunked_health("00000000000000005\r\nhello\r\n0\r\n\r\n")},
      {"size line ends in LF", 400, chunked_health("5\nhello\r\n0\r\n\r\n")},
      {"size line ends in CR", 400, chunked_health("5\rhello\r\n0\r\n\r\n")},
      {"no CRLF after the data", 400, chunked_health("5\r\nhello0\r\n\r\n")},
      {"LF after the data", 400, chunked_health("5\r\nhello\n0\r\n\r\n")},
      {"more data than announced", 400, chunked_health("4\r\nhello\r\n0\r\n\r\n")},
      {"LF hidden in an extension", 400, chunked_health("5;a\nb\r\nhello\r\n0\r\n\r\n")},
      {"CR hidden in an extension", 400, chunked_health("5;a\rb\r\nhello\r\n0\r\n\r\n")},
      {"endless extension", 400, chunked_health("5;" + std::string(2000, 'a') + "\r\nhello\r\n")},
      {"endless white space", 400, chunked_health("5" + std::string(2000, ' ') + "\r\nhello\r\n")},
      {"trailer line ends in LF", 400, chunked_health("0\r\nX: y\n\r\n")},
      {"trailer line ends in CR", 400, chunked_health("0\r\nX: y\rZ: z\r\n\r\n")},
      {"last line ends in LF", 400, chunked_health("0\r\n\n")},
      {"endless trailers", 400, chunked_health("0\r\nX: " + std::string(20000, 'a') + "\r\n\r\n")},
      {"chunk over the limit", 413,
       chunked_health("40001\r\n" + std::string(262145, 'a') + "\r\n0\r\n\r\n")},
  };
  Refusals refusals;
  for (const auto& row : rows) refusals.check(row);
}
