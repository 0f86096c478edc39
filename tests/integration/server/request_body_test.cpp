#include <string>

#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"

using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kHealth = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";

std::string request_with(std::string_view method, std::string_view lines, std::string_view body) {
  return std::string(method)
      .append(" /health HTTP/1.1\r\nHost: h\r\n")
      .append(lines)
      .append("\r\n")
      .append(body);
}

}  // namespace

TEST_CASE("Server discards a request body exactly", "[server][integration]") {
  struct Row {
    const char* why;
    std::string bytes;
    int status;
  };
  // A body that looks like a request shows whether its end was found.
  const std::string inner = "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n";
  const auto length = "Content-Length: " + std::to_string(inner.size()) + "\r\n";
  const std::string chunks = "1\r\nG\r\n" + std::string("21\r\n") + inner.substr(1) + "\r\n0\r\n";
  REQUIRE(inner.size() == 0x22);
  const std::string large(256 * 1024, 'a');
  const Row rows[] = {
      {"length, GET", request_with("GET", length, inner), 200},
      {"length, POST", request_with("POST", length, inner), 405},
      {"length, OPTIONS", request_with("OPTIONS", length, inner), 204},
      {"length, HEAD", request_with("HEAD", length, inner), 200},
      {"length zero", request_with("POST", "Content-Length: 0\r\n", ""), 405},
      {"length with leading zeros", request_with("POST", "Content-Length: 0003\r\n", "abc"), 405},
      {"as long as allowed", request_with("POST", "Content-Length: 262144\r\n", large), 405},
      {"chunks", request_with("POST", "Transfer-Encoding: chunked\r\n", chunks + "\r\n"), 405},
      {"chunks, coding in capitals",
       request_with("GET", "transfer-encoding: CHUNKED\r\n", chunks + "\r\n"), 200},
      {"chunks with trailers",
       request_with("POST", "Transfer-Encoding: chunked\r\n", chunks + "X: y\r\nZ: \r\n\r\n"), 405},
      {"chunks with extensions and white space",
       request_with("POST", "Transfer-Encoding: chunked\r\n",
                    "1;a=\"b;c\"\r\nG\r\n021 \t;x\r\n" + inner.substr(1) + "\r\n00 \r\n\r\n"),
       405},
      {"no chunk but the last", request_with("POST", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
       405},
      {"body of a method the server does not know", request_with("PROPFIND", length, inner), 405},
  };
  Proxy proxy;
  for (const auto& row : rows) {
    INFO(row.why);
    RawConnection connection(proxy.port());
    REQUIRE(connection.send(row.bytes + kHealth));
    CHECK(connection.read_response(row.bytes.starts_with("HEAD")).status == row.status);
    const auto next = connection.read_response();
    CHECK(next.status == 200);
    CHECK(next.complete);
    CHECK_FALSE(connection.closed_within(0ms));
  }
}

TEST_CASE("Server asks for the body of a client that waits", "[server][integration]") {
  Proxy proxy;
  RawConnection connection(proxy.port());
  SECTION("length") {
    REQUIRE(
        connection.send(request_with("POST", "Content-Length: 5\r\nExpect: 100-Continue\r\n", "")));
    CHECK_FALSE(connection.closed_within(50ms));
    REQUIRE(connection.send("hello"));
  }
  SECTION("chunks") {
    REQUIRE(connection.send(
        request_with("POST", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n", "")));
    CHECK_FALSE(connection.closed_within(50ms));
    REQUIRE(connection.send("5\r\nhello\r\n0\r\n\r\n"));
  }
  const auto response = connection.read_response();
  CHECK(response.status == 405);
  REQUIRE(response.interim.size() == 1);
  CHECK(response.interim[0].status == 100);
  REQUIRE(connection.send(kHealth));
  CHECK(connection.read_response().status == 200);
}

TEST_CASE("Server sends no 100 Continue where none is due", "[server][integration]") {
  struct Row {
    const char* why;
    std::string bytes;
    int status;
  };
  const Row rows[] = {
      {"no body", request_with("GET", "Expect: 100-continue\r\n", ""), 200},
      {"empty body", request_with("GET", "Expect: 100-continue\r\nContent-Length: 0\r\n", ""), 200},
      {"HTTP/1.0", "GET /health HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
       200},
      {"HTTP/1.0, other expectation", "GET /health HTTP/1.0\r\nExpect: x\r\n\r\n", 200},
      {"body too large",
       request_with("POST", "Expect: 100-continue\r\nContent-Length: 262145\r\n", ""), 413},
  };
  Proxy proxy;
  for (const auto& row : rows) {
    INFO(row.why);
    RawConnection connection(proxy.port());
    REQUIRE(connection.send(row.bytes));
    const auto response = connection.read_response();
    CHECK(response.status == row.status);
    CHECK(response.interim.empty());
  }
}

TEST_CASE("Server's refusal survives what the client still sends", "[server][integration]") {
  // Closing on unread bytes would reset the connection and destroy the reply on its way.
  Proxy proxy;
  RawConnection connection(proxy.port());
  connection.send(request_with("POST", "Content-Length: 300000\r\n", std::string(300'000, 'a')));
  const auto response = connection.read_response();
  CHECK(response.status == 413);
  CHECK(response.complete);
  CHECK(response.closed_after);
}
