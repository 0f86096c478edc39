#include "sluice/http/header_policy.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice::http;

TEST_CASE("Connection and framing headers belong to nobody else", "[http][unit]") {
  for (const auto* name : {"connection", "Keep-Alive", "proxy-connection", "proxy-authorization",
                           "TE", "trailer", "Transfer-Encoding", "upgrade", "content-length"}) {
    CAPTURE(name);
    CHECK(is_hop_by_hop(name));
    CHECK_FALSE(may_send_upstream(name, "x"));
    CHECK_FALSE(may_set_on_response(name, "x"));
  }
  CHECK_FALSE(is_hop_by_hop("content-type"));
  CHECK_FALSE(is_hop_by_hop(""));
}

TEST_CASE("Only what describes the body passes from origin to client", "[http][unit]") {
  for (const auto* name :
       {"Accept-Ranges", "content-type", "Content-Length", "content-range", "Last-Modified", "ETag",
        "cache-control", "expires", "Retry-After", "content-encoding"}) {
    CAPTURE(name);
    CHECK(passes_to_client(name));
  }
  for (const auto* name :
       {"Set-Cookie", "Location", "Server", "Connection", "Transfer-Encoding", "Date",
        "Access-Control-Allow-Origin", "Content-Disposition", "Content-Security-Policy",
        "Strict-Transport-Security", "WWW-Authenticate", ""}) {
    CAPTURE(name);
    CHECK_FALSE(passes_to_client(name));
  }
}

TEST_CASE("Parameters may set headers that cannot break a connection", "[http][unit]") {
  using namespace std::string_literals;
  struct Row {
    const char* why;
    std::string name;
    std::string value;
    bool upstream;
    bool response;
  };
  const Row rows[] = {
      {"usual", "referer", "http://h/", true, true},
      {"host", "host", "h", true, true},
      {"content type", "content-type", "video/mp4", true, true},
      {"tab and bytes outside ASCII", "x", "a\tb\xc3\xa4", true, true},
      {"empty value", "x", "", true, true},
      {"empty name", "", "x", false, false},
      {"CR LF in the value", "x", "a\r\nb: c", false, false},
      {"LF in the value", "x", "a\nb", false, false},
      {"NUL in the value", "x", "a\0b"s, false, false},
      {"DEL in the value", "x", "a\x7f", false, false},
      {"colon in the name", "x:y", "z", false, false},
      {"space in the name", "x y", "z", false, false},
      {"CR LF in the name", "x\r\ny", "z", false, false},
      {"the server's own: date", "Date", "x", true, false},
      {"the server's own: nosniff", "X-Content-Type-Options", "x", true, false},
      {"outlives the response: cookie", "Set-Cookie", "a=b", true, false},
      {"outlives the response: HSTS", "strict-transport-security", "max-age=1", true, false},
      {"leads elsewhere", "Refresh", "0;url=http://h/", true, false},
      {"the sandbox", "Content-Security-Policy", "x", true, false},
      {"the server's own: request id", "X-Request-Id", "x", true, false},
      {"the server's own: CORS", "Access-Control-Allow-Origin", "http://h", true, false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(may_send_upstream(row.name, row.value) == row.upstream);
    CHECK(may_set_on_response(row.name, row.value) == row.response);
  }
}
