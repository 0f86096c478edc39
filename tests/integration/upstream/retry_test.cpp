#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/socket.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kStream = "/proxy/stream";

/// Two more attempts, a millisecond apart.
Proxy quick_retries(unsigned attempts = 2) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.retry_attempts = attempts;
    settings.upstream.retry_delay = 1ms;
  });
}

/// `count` times `handler`, then a good answer.
OriginHandler fails_first(std::size_t count, const OriginHandler& handler) {
  std::vector<OriginHandler> turns(count, handler);
  turns.push_back(status(200, {}, "good"));
  return in_sequence(std::move(turns));
}

/// How many connections these requests came on.
std::size_t connections_of(const std::vector<OriginRequest>& requests) {
  std::set<std::size_t> connections;
  for (const auto& request : requests) connections.insert(request.connection);
  return connections.size();
}

}  // namespace

TEST_CASE("A request whose connection is lost before an answer is tried again",
          "[upstream][integration]") {
  const auto ending = GENERATE(Ending::fin, Ending::rst);
  CAPTURE(static_cast<int>(ending));
  ScriptedOrigin origin;
  const auto proxy = quick_retries();
  for (const std::size_t failures : {1U, 2U}) {
    INFO(failures << " failures");
    const auto path = "/" + std::to_string(failures);
    origin.on(path, fails_first(failures, hang_up(ending)));
    check_whole(proxy.fetch(kStream, origin.url(path)), "good");
    const auto asked = origin.requests_to(path);
    CHECK(asked.size() == failures + 1);
    CHECK(connections_of(asked) == failures + 1);
    for (const auto& request : asked) {
      CHECK(request.method == "GET");
      CHECK(request.headers.size() == asked[0].headers.size());
    }
  }
}

TEST_CASE("A request that stays without an answer is given up after retry_attempts",
          "[upstream][integration]") {
  const auto ending = GENERATE(Ending::fin, Ending::rst);
  const auto attempts = GENERATE(0U, 1U, 2U, 4U);
  CAPTURE(static_cast<int>(ending), attempts);
  ScriptedOrigin origin;
  origin.on("/", hang_up(ending));
  const auto proxy = quick_retries(attempts);
  check_error(proxy.fetch(kStream, origin.url("/")), 502, "without an answer");
  CHECK(origin.request_count() == attempts + 1);
  CHECK(connections_of(origin.requests()) == attempts + 1);
}

TEST_CASE("Answers 502, 503 and 504 are tried again, and the last one counts",
          "[upstream][integration]") {
  const int code = GENERATE(502, 503, 504);
  INFO(code);
  ScriptedOrigin origin;
  origin.on("/once", fails_first(1, status(code)));
  origin.on("/twice", fails_first(2, status(code, {}, random_bytes(200'000))));
  origin.on("/thrice", fails_first(3, status(code)));
  origin.on("/others", in_sequence({status(503), status(502), status(code), status(200)}));
  origin.on("/mixed", in_sequence({status(code), hang_up(), status(200, {}, "good")}));
  origin.on("/then", in_sequence({status(code), status(404), status(200)}));
  const auto proxy = quick_retries();
  for (const auto* path : {"/once", "/twice", "/mixed"}) {
    INFO(path);
    check_whole(proxy.fetch(kStream, origin.url(path)), "good");
  }
  for (const auto* path : {"/thrice", "/others"}) {
    INFO(path);
    CHECK(proxy.fetch(kStream, origin.url(path)).status == code);
    CHECK(origin.requests_to(path).size() == 3);
  }
  CHECK(proxy.fetch(kStream, origin.url("/then")).status == 404);
  CHECK(origin.requests_to("/then").size() == 2);
}

TEST_CASE("Playlists and segments are tried again as well", "[upstream][integration]") {
  const std::string playlist = "#EXTM3U\n#EXT-X-ENDLIST\n";
  ScriptedOrigin origin;
  origin.on("/x.m3u8", in_sequence({status(503), hang_up(), status(200, {}, playlist)}));
  origin.on("/x.ts", fails_first(2, status(502)));
  const auto proxy = quick_retries();
  CHECK(proxy.fetch("/proxy/hls/manifest.m3u8", origin.url("/x.m3u8")).body == playlist);
  check_whole(proxy.fetch("/proxy/hls/segment.ts", origin.url("/x.ts")), "good");
}

TEST_CASE("A 503 that asks for patience is passed on at once", "[upstream][integration]") {
  const std::string after = GENERATE("5", "120", "86400");
  ScriptedOrigin origin;
  origin.on("/", fails_first(1, status(503, {{"Retry-After", after}})));
  const auto proxy = quick_retries();
  const auto response = proxy.fetch(kStream, origin.url("/"));
  CHECK(response.status == 503);
  CHECK(response.headers["Retry-After"] == after);
  CHECK(origin.request_count() == 1);
}

TEST_CASE("A 503 that asks for a moment is waited for or passed on", "[upstream][integration]") {
  const std::string after = GENERATE("0", "1");
  ScriptedOrigin origin;
  origin.on("/", fails_first(1, status(503, {{"Retry-After", after}})));
  const auto proxy = quick_retries();
  const auto started = Clock::now();
  const auto response = proxy.fetch(kStream, origin.url("/"));
  if (origin.request_count() == 1) {
    CHECK(response.status == 503);
    CHECK(response.headers["Retry-After"] == after);
  } else {
    check_whole(response, "good");
    if (after == "1") CHECK(Clock::now() - started >= 900ms);
  }
}

TEST_CASE("What another attempt would not change is not tried again", "[upstream][integration]") {
  const int code = GENERATE(400, 401, 403, 404, 405, 408, 410, 416, 429, 451, 500, 501, 505, 509);
  INFO(code);
  ScriptedOrigin origin;
  origin.on("/", fails_first(1, status(code)));
  const auto proxy = quick_retries();
  CHECK(proxy.fetch(kStream, origin.url("/")).status == code);
  CHECK(origin.request_count() == 1);
}

TEST_CASE("A broken answer is not tried again", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string bytes;
  };
  const auto row = GENERATE(values<Row>({
      {"no HTTP", "nonsense\r\n\r\n"},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {"cut in its body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"},
      {"cut in its chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", fails_first(1, [&](const OriginRequest&, Connection& connection) {
              connection.send_raw(row.bytes);
              connection.close();
            }));
  const auto proxy = quick_retries();
  const auto response = proxy.fetch(kStream, origin.url("/"));
  CHECK((response.status == 502 || !response.complete));
  CHECK(origin.request_count() == 1);
}

TEST_CASE("retry_attempts 0 passes failures on at once", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/503", fails_first(1, status(503)));
  origin.on("/gone", fails_first(1, hang_up()));
  const auto proxy = quick_retries(0);
  // First, because on a kept connection it would be sent once more in any case.
  CHECK(proxy.fetch(kStream, origin.url("/gone")).status == 502);
  CHECK(proxy.fetch(kStream, origin.url("/503")).status == 503);
  CHECK(origin.request_count() == 2);
}

TEST_CASE("A retry behind a redirect asks the redirect's target", "[upstream][integration]") {
  ScriptedOrigin first;
  ScriptedOrigin second;
  first.on("/", redirect_to(second.url("/there")));
  second.on("/there", in_sequence({hang_up(), status(503), status(200, {}, "good")}));
  const auto proxy = quick_retries();
  check_whole(proxy.fetch(kStream, first.url("/")), "good");
  CHECK(second.request_count() == 3);
}

TEST_CASE("A refused connection is tried again", "[upstream][integration]") {
  // Bound but deaf, then listening: refused at first.
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  const Proxy proxy([](app::Settings& settings) {
    settings.upstream.retry_attempts = 20;
    settings.upstream.retry_delay = 50ms;
  });
  RawConnection client(proxy.port());
  REQUIRE(client.send(
      stream_request(proxy, "http://127.0.0.1:" + std::to_string(bound_port(socket)) + "/")));
  CHECK_FALSE(client.closed_within(120ms));
  REQUIRE(::listen(socket.get(), 8) == 0);
  const Fd accepted(::accept(socket.get(), nullptr, nullptr));
  REQUIRE(accepted);
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
  REQUIRE(::send(accepted.get(), answer.data(), answer.size(), MSG_NOSIGNAL) > 0);
  check_whole(client.read_response(), "good");
}

TEST_CASE("Retries of the defaults take a second and a half at most", "[upstream][integration]") {
  const auto handler = GENERATE(values<OriginHandler>({hang_up(Ending::rst), status(503)}));
  ScriptedOrigin origin;
  origin.on("/", handler);
  const Proxy proxy;
  const auto started = Clock::now();
  CHECK(proxy.fetch(kStream, origin.url("/")).status >= 502);
  CHECK(Clock::now() - started < 2500ms);
  CHECK(origin.request_count() == 3);
}

}  // namespace sluice::test
