#pragma once

#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {

/// A request that must be refused, and why the row exists.
struct RefusedRequest {
  const char* why;
  int status;
  std::string bytes;
};

/// "GET /health HTTP/1.1" with a Host header, these header lines and the empty line.
inline std::string health_with(std::string_view lines) {
  return std::string("GET /health HTTP/1.1\r\nHost: h\r\n").append(lines).append("\r\n");
}

/// As health_with(), with a body behind the empty line.
inline std::string health_with(std::string_view lines, std::string_view body) {
  return health_with(lines).append(body);
}

/// A chunked request with these bytes as its body.
inline std::string chunked_health(std::string_view body) {
  return health_with("Transfer-Encoding: chunked\r\n", body);
}

/// A proxy, and an origin that must never hear of the request that follows a refused one.
class Refusals {
 public:
  Refusals() { origin_.on("/smuggled", status(200)); }

  /// Sends the row, with another request right behind it, in one piece and byte by byte. One reply,
  /// then the end of the connection, and nothing at the origin.
  void check(const RefusedRequest& row) {
    INFO(row.why);
    check(row, false);
    // Large rows are about sizes; dribbling them shows nothing more.
    if (row.bytes.size() < 4096) check(row, true);
  }

  /// The request that was never executed does work when it comes alone.
  void check_smuggled_alone() {
    RawConnection connection(proxy_.port());
    REQUIRE(connection.send(smuggled()));
    CHECK(connection.read_response().status == 200);
    CHECK(origin_.requests_to("/smuggled").size() == 1);
  }

 private:
  [[nodiscard]] std::string smuggled() const {
    return request_bytes(proxy_.port(), "GET",
                         Proxy::target("/proxy/stream", origin_.url("/smuggled")));
  }

  void check(const RefusedRequest& row, bool byte_by_byte) {
    CAPTURE(byte_by_byte);
    RawConnection connection(proxy_.port());
    const auto bytes = row.bytes + smuggled();
    if (byte_by_byte) {
      connection.send_slowly(bytes, 1, std::chrono::milliseconds(0));
    } else {
      connection.send(bytes);
    }
    const auto response = connection.read_response();
    CAPTURE(response.problem, response.body);
    CHECK(response.status == row.status);
    CHECK(response.complete);
    CHECK(response.headers["Connection"] == "close");
    CHECK(response.headers["Content-Type"] == "application/json");
    CHECK(response.closed_after);
    CHECK(connection.read_until_close().empty());
    CHECK(origin_.request_count() == 0);
  }

  ScriptedOrigin origin_;
  Proxy proxy_;
};

}  // namespace sluice::test
