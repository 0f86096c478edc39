#include "support/scripted_origin.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_client.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Everything the origin sends in answer to these bytes, up to its close.
std::string reply_to(const ScriptedOrigin& origin, const std::string& bytes) {
  RawConnection connection(origin.port());
  connection.send(bytes);
  connection.half_close();
  return connection.read_until_close();
}

}  // namespace

TEST_CASE("ScriptedOrigin answers by path and records what it was asked", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/a", status(200, {}, "path"));
  origin.on("/a?x=1", status(200, {}, "target"));
  origin.on_prefix("/dir/", status(200, {}, "prefix"));
  origin.on_prefix("/dir/deep/", status(200, {}, "longer prefix"));
  CHECK(get(origin.port(), "/a").body == "path");
  CHECK(get(origin.port(), "/a?x=2").body == "path");
  CHECK(get(origin.port(), "/a?x=1").body == "target");
  CHECK(get(origin.port(), "/dir/deep/b").body == "longer prefix");
  CHECK(get(origin.port(), "/dir/e").body == "prefix");
  CHECK(get(origin.port(), "/nowhere").status == 404);
  origin.on_prefix("/", status(418));
  CHECK(get(origin.port(), "/nowhere").status == 418);
  CHECK(request(origin.port(), "POST", "/a", {{"X-Test", "1"}}, "body").body == "path");

  const auto requests = origin.requests();
  REQUIRE(requests.size() == 8);
  CHECK(requests[1].target == "/a?x=2");
  CHECK(requests[1].path() == "/a");
  CHECK(requests[1].query() == "x=2");
  CHECK(requests[7].method == "POST");
  CHECK(requests[7].headers["x-test"] == "1");
  CHECK(requests[7].body == "body");
  CHECK(requests[7].connection == 7);
  CHECK(origin.requests_to("/a").size() == 4);
  CHECK(origin.connection_count() == 8);
  CHECK(origin.problems().empty());
}

TEST_CASE("ScriptedOrigin sends the bytes that the standard asks for", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/", serve_body("hello", "text/plain"));
  origin.on("/chunks", chunked("hello world", {5, 100}, "text/plain"));
  const std::string etag = etag_of("hello");
  CHECK(reply_to(origin, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") ==
        "HTTP/1.1 200 OK\r\nETag: " + etag +
            "\r\nLast-Modified: Wed, 01 Jan 2025 00:00:00 GMT\r\nAccept-Ranges: bytes\r\n"
            "Content-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  CHECK(reply_to(origin, "GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n") ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
}

TEST_CASE("ScriptedOrigin refuses malformed requests and says so", "[support][unit]") {
  struct Row {
    const char* why;
    std::string bytes;
  };
  const Row rows[] = {
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"raw space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"byte above 127 in the target", "GET /\xC3\xA4 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"other version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
      {"method that is no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n"},
      {"length and chunks",
       "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    ScriptedOrigin origin;
    origin.on_prefix("/", serve_body("x"));
    RawConnection connection(origin.port());
    REQUIRE(connection.send(row.bytes));
    const Response response = connection.read_response();
    CHECK(response.status == 400);
    CHECK(response.closed_after);
    CHECK(origin.requests().empty());
    CHECK(origin.problems().size() == 1);
  }
}

TEST_CASE("ScriptedOrigin reads bodies and answers Expect", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/", status(200));
  RawConnection connection(origin.port());
  REQUIRE(
      connection.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n"));
  CHECK_FALSE(origin.wait_for_requests(1, 20ms));
  REQUIRE(connection.send("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"));
  const Response response = connection.read_response();
  REQUIRE(response.interim.size() == 1);
  CHECK(response.interim[0].status == 100);
  CHECK(response.status == 200);
  CHECK(origin.requests().at(0).body == "abcd");
}

TEST_CASE("ScriptedOrigin keeps connections after complete answers only", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/length", serve_body("x"));
  origin.on("/chunks", chunked("xyz", {1}));
  origin.on("/empty", status(204));
  origin.on("/longer", wrong_length(2, "abcd"));
  origin.on("/drip", slow_drip("abc", 1, 1ms));
  origin.on("/cut", cut_body(100, 10));
  origin.on("/shorter", wrong_length(10, "abcd"));
  origin.on("/close", until_close("abc"));
  origin.on("/nothing", [](const OriginRequest&, Connection&) {});
  origin.on("/unended", [](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Transfer-Encoding", "chunked"}});
    connection.send_chunk("abc");
  });
  struct Row {
    const char* target;
    bool kept;
  };
  const Row rows[] = {{"/length", true},   {"/chunks", true},  {"/empty", true},
                      {"/longer", true},   {"/drip", true},    {"/unknown", true},
                      {"/cut", false},     {"/close", false},  {"/nothing", false},
                      {"/shorter", false}, {"/unended", false}};
  for (const Row& row : rows) {
    INFO(row.target);
    RawConnection connection(origin.port());
    REQUIRE(connection.send(request_bytes(origin.port(), "GET", row.target)));
    (void)connection.read_response();
    CHECK(connection.closed_within(row.kept ? 20ms : 5000ms) != row.kept);
  }
}

TEST_CASE("Connections go stale on demand", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/now", close_after_response(serve_body("x")));
  origin.on("/later", close_after_response(serve_body("x"), 50ms));
  origin.on("/next", drop_next_request(serve_body("x")));
  for (const char* target : {"/now", "/later"}) {
    INFO(target);
    RawConnection connection(origin.port());
    const auto began = Clock::now();
    REQUIRE(connection.send(request_bytes(origin.port(), "GET", target)));
    const Response response = connection.read_response();
    CHECK(response.complete);
    CHECK_FALSE(response.headers.contains("Connection"));
    CHECK(connection.closed_within(5000ms));
    if (std::string(target) == "/later") CHECK(Clock::now() - began >= 50ms);
  }
  RawConnection connection(origin.port());
  REQUIRE(connection.send(request_bytes(origin.port(), "GET", "/next")));
  CHECK(connection.read_response().complete);
  CHECK_FALSE(connection.closed_within(20ms));
  REQUIRE(connection.send(request_bytes(origin.port(), "GET", "/next")));
  const Response dropped = connection.read_response();
  CHECK(dropped.status == 0);
  CHECK(dropped.closed_after);
  CHECK(origin.requests_to("/next").size() == 2);
  CHECK(eventually([&] { return origin.connections().at(2).closed_by_origin.has_value(); }));
}

TEST_CASE("ScriptedOrigin tells who closed and when", "[support][unit]") {
  ScriptedOrigin origin;
  std::atomic<bool> noticed{false};
  origin.on("/", serve_body("x"));
  origin.on("/wait", [&](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", "10"}});
    noticed = !connection.pause(1h) && connection.peer_closed();
  });
  RawConnection idle(origin.port());
  RawConnection waiting(origin.port());
  REQUIRE(idle.send(request_bytes(origin.port(), "GET", "/")));
  CHECK(idle.read_response().complete);
  REQUIRE(waiting.send(request_bytes(origin.port(), "GET", "/wait")));
  REQUIRE(origin.wait_for_requests(2));
  CHECK(origin.open_connections() == 2);
  CHECK_FALSE(origin.wait_for_open_connections(1, 20ms));
  idle.close();
  CHECK(origin.wait_for_open_connections(1));
  waiting.reset();
  CHECK(origin.wait_for_open_connections(0));
  for (const ConnectionRecord& record : origin.connections()) {
    REQUIRE(record.closed_by_peer.has_value());
    CHECK(*record.closed_by_peer >= record.accepted);
    CHECK(record.requests == 1);
  }
  CHECK(eventually([&] { return noticed.load(); }));
}

TEST_CASE("A peer that closes in the middle of a request is a problem", "[support][unit]") {
  ScriptedOrigin origin;
  RawConnection(origin.port()).send("GET / HT");
  RawConnection silent(origin.port());
  silent.close();
  CHECK(reply_to(origin, "GET / HTTP/1.1\r\nHost: a\r\n").empty());
  REQUIRE(origin.wait_for_open_connections(0));
  CHECK(eventually([&] { return origin.problems().size() == 2; }));
  CHECK(origin.requests().empty());
}

TEST_CASE("An exception out of a handler closes the connection and is listed", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/", [](const OriginRequest&, Connection&) { throw std::runtime_error("oops"); });
  origin.on("/odd", [](const OriginRequest&, Connection&) { throw 1; });
  CHECK(get(origin.port(), "/").status == 0);
  CHECK(get(origin.port(), "/odd").status == 0);
  const auto problems = origin.problems();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0] == "connection 0: exception from a handler: oops");
}

TEST_CASE("half_close ends the answer and still hears the peer", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/", [](const OriginRequest&, Connection& connection) {
    connection.send_head(200);
    connection.send("abc");
    connection.half_close();
  });
  RawConnection connection(origin.port());
  REQUIRE(connection.send(request_bytes(origin.port(), "GET", "/")));
  const Response response = connection.read_response();
  CHECK(response.body == "abc");
  CHECK(response.complete);
  CHECK(origin.open_connections() == 1);
  CHECK(connection.send("more"));
  connection.close();
  CHECK(origin.wait_for_open_connections(0));
}

TEST_CASE("bytes_sent stands still while the client does not read", "[support][unit]") {
  OriginOptions options;
  options.send_buffer = 16384;
  ScriptedOrigin origin(options);
  const std::string body = random_bytes(8 << 20);
  origin.on("/", serve_body(body));
  ClientOptions slow;
  slow.receive_buffer = 16384;
  RawConnection connection(origin.port(), slow);
  REQUIRE(connection.send(request_bytes(origin.port(), "GET", "/")));
  const auto sent = [&] { return origin.connections().at(0).bytes_sent; };
  std::uint64_t before = 0;
  for (std::uint64_t now = 0; now == 0 || now != before; now = sent()) {
    before = now;
    std::this_thread::sleep_for(50ms);
  }
  CHECK(before > 0);
  CHECK(before < 1 << 20);
  const Response response = connection.read_response();
  CHECK(response.complete);
  CHECK(sha256_hex(response.body) == sha256_hex(body));
  CHECK(eventually([&] { return sent() > body.size(); }));
}

TEST_CASE("ScriptedOrigin is destroyed promptly whatever is going on", "[support][unit]") {
  std::vector<RawConnection> clients;
  Clock::time_point began;
  std::atomic<bool> cut_short{false};
  {
    ScriptedOrigin origin;
    origin.on("/silent", never_answer());
    origin.on("/pause", [&](const OriginRequest&, Connection& connection) {
      cut_short = !connection.pause(1h) && connection.stopping();
    });
    origin.on("/flood", [](const OriginRequest&, Connection& connection) {
      connection.send_head(200);
      while (connection.send(std::string(100000, 'x'))) {
      }
    });
    origin.on("/drip", slow_drip(std::string(1000, 'x'), 1, 1h));
    origin.on("/half",
              [](const OriginRequest&, Connection& connection) { connection.half_close(); });
    origin.on("/later", close_after_response(serve_body("x"), 1h));
    for (const char* target : {"/silent", "/pause", "/flood", "/drip", "/half", "/later"}) {
      clients.emplace_back(origin.port());
      REQUIRE(clients.back().send(request_bytes(origin.port(), "GET", target)));
    }
    REQUIRE(origin.wait_for_requests(6));
    clients.emplace_back(origin.port());  // silent
    clients.emplace_back(origin.port());  // in the middle of a request
    REQUIRE(clients.back().send("GET / HT"));
    std::this_thread::sleep_for(20ms);
    began = Clock::now();
  }
  CHECK(Clock::now() - began < 2s);
  CHECK(cut_short);
  for (RawConnection& client : clients) {
    client.set_timeout(5000ms);
    CHECK(client.closed_within(5000ms));
  }
}

TEST_CASE("ScriptedOrigin serves many connections at once", "[support][unit]") {
  ScriptedOrigin origin;
  const std::string body = random_bytes(100000);
  origin.on("/", serve_body(body));
  std::atomic<int> whole{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int k = 0; k < 5; ++k) {
        if (get(origin.port(), "/").body == body) ++whole;
      }
    });
  }
  for (int i = 0; i < 50; ++i) origin.on("/" + std::to_string(i), serve_body("x"));
  for (std::thread& client : clients) client.join();
  CHECK(whole == 40);
  CHECK(origin.request_count() == 40);
  CHECK(origin.wait_for_open_connections(0));
}

TEST_CASE("ScriptedOrigin listens on [::1] and under another name", "[support][unit]") {
  OriginOptions named;
  named.host = "localhost";
  CHECK(ScriptedOrigin(named).url("/a").substr(0, 17) == "http://localhost:");
  OriginOptions options;
  options.ipv6 = true;
  ScriptedOrigin origin(options);
  CHECK(origin.authority() == "[::1]:" + std::to_string(origin.port()));
  origin.on("/", serve_body("six"));
  ClientOptions client;
  client.ipv6 = true;
  CHECK(get(origin.port(), "/", {}, client).body == "six");
}

}  // namespace sluice::test
