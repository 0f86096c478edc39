#include "support/http_client.hpp"

#include <chrono>
#include <string>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

/// Sends these bytes, whatever they are, and closes.
OriginHandler raw(std::string bytes) {
  return [bytes = std::move(bytes)](const OriginRequest&, Connection& connection) {
    connection.send_raw(bytes);
    connection.close();
  };
}

Response answer_to(const std::string& bytes, const char* method = "GET") {
  ScriptedOrigin origin;
  origin.on("/", raw(bytes));
  return request(origin.port(), method, "/");
}

}  // namespace

TEST_CASE("Headers keep order and spelling and ignore case when looked up", "[support][unit]") {
  Headers headers{{"Set-Cookie", "a"}, {"X-One", "1"}, {"set-cookie", "b"}};
  headers.add("Connection", "keep-alive ,  Upgrade");
  CHECK(headers["SET-COOKIE"] == "a");
  CHECK(headers.all("Set-Cookie") == std::vector<std::string>{"a", "b"});
  CHECK(headers.count("set-cookie") == 2);
  CHECK_FALSE(headers.contains("Set-Cooki"));
  CHECK_FALSE(headers.find("none").has_value());
  CHECK(headers.has_token("connection", "upgrade"));
  CHECK_FALSE(headers.has_token("connection", "up"));
  headers.set("SET-COOKIE", "c");
  const Headers expected{
      {"X-One", "1"}, {"Connection", "keep-alive ,  Upgrade"}, {"SET-COOKIE", "c"}};
  CHECK(std::vector<Header>(headers.begin(), headers.end()) ==
        std::vector<Header>(expected.begin(), expected.end()));
}

TEST_CASE("RawConnection reads well-formed responses", "[support][unit]") {
  struct Row {
    const char* why;
    const char* method;
    const char* bytes;
    int status;
    Framing framing;
    const char* body;
  };
  const Row rows[] = {
      {"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, Framing::length,
       "hello"},
      {"length of nothing", "GET", "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", 200,
       Framing::length, ""},
      {"chunks, with extension and upper-case size", "GET",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\nA ;c\r\n0123456789"
       "\r\n0\r\n\r\n",
       200, Framing::chunked, "hello0123456789"},
      {"until close", "GET", "HTTP/1.1 200 OK\r\n\r\nhello", 200, Framing::close, "hello"},
      {"HEAD has no body whatever it says", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
       200, Framing::none, ""},
      {"204 has no body", "GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, Framing::none, ""},
      {"304 has no body whatever it says", "GET",
       "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, Framing::none, ""},
      {"empty reason", "GET", "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n", 299, Framing::length,
       ""},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const Response response = answer_to(row.bytes, row.method);
    INFO(response.problem);
    CHECK(response.complete);
    CHECK(response.problem.empty());
    CHECK(response.status == row.status);
    CHECK(response.framing == row.framing);
    CHECK(response.body == row.body);
  }
}

TEST_CASE("RawConnection refuses heads that break the rules", "[support][unit]") {
  struct Row {
    const char* why;
    std::string bytes;
    const char* problem;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const Row rows[] = {
      {"nothing at all", "", "closed"},
      {"head cut", ok + "Content-Le", "closed"},
      {"no HTTP", "HTPT/1.1 200 OK\r\n\r\n", "bad status line"},
      {"two digits", "HTTP/1.1 20 OK\r\n\r\n", "bad status line"},
      {"status below 100", "HTTP/1.1 099 OK\r\n\r\n", "bad status line"},
      {"no space before the reason", "HTTP/1.1 200\r\n\r\n", "bad status line"},
      {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "bare LF"},
      {"bare CR", ok + "A: b\rc\r\n\r\n", "bare CR"},
      {"NUL", ok + std::string("A: b\0c\r\n\r\n", 10), "NUL"},
      {"control character", ok + "A: b\x01\r\n\r\n", "control character"},
      {"folded line", ok + "A: b\r\n c\r\n\r\n", "folded"},
      {"no colon", ok + "Ab\r\n\r\n", "without a colon"},
      {"blank before the colon", ok + "A : b\r\n\r\n", "no token"},
      {"empty name", ok + ": b\r\n\r\n", "no token"},
      {"two lengths", ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", "more than one"},
      {"length and chunks", ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "both"},
      {"signed length", ok + "Content-Length: +1\r\n\r\na", "no number"},
      {"huge length", ok + "Content-Length: 18446744073709551616\r\n\r\n", "no number"},
      {"unknown coding", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", "other than chunked"},
      {"204 with a length", "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n", "cannot have a body"},
      {"endless line", ok + "A: " + std::string(300000, 'x'), "too long"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const Response response = answer_to(row.bytes);
    INFO(response.problem);
    CHECK_FALSE(response.complete);
    CHECK(response.status == 0);
    CHECK(response.problem.find(row.problem) != std::string::npos);
    CHECK_FALSE(response.timed_out);
  }
}

TEST_CASE("RawConnection tells bodies that are cut or malformed", "[support][unit]") {
  struct Row {
    const char* why;
    const char* framing;
    const char* body;
    const char* arrived;
    const char* problem;
  };
  const char* const length = "Content-Length: 10\r\n\r\n";
  const char* const chunks = "Transfer-Encoding: chunked\r\n\r\n";
  const Row rows[] = {
      {"length, cut", length, "12345", "12345", "closed"},
      {"length, nothing came", length, "", "", "closed"},
      {"cut inside a chunk", chunks, "5\r\nabc", "abc", "closed"},
      {"cut between chunks", chunks, "3\r\nabc\r\n", "abc", "closed"},
      {"cut before the last line", chunks, "3\r\nabc\r\n0\r\n", "abc", "closed"},
      {"chunk longer than said", chunks, "3\r\nabcd\r\n0\r\n\r\n", "abc", "longer"},
      {"size is no number", chunks, "x\r\n", "", "chunk size"},
      {"size with a prefix", chunks, "0x3\r\nabc\r\n", "", "chunk size"},
      {"size with a blank", chunks, " 3\r\nabc\r\n", "", "chunk size"},
      {"size followed by a blank", chunks, "3 \r\nabc\r\n", "", "chunk size"},
      {"size empty", chunks, ";a\r\n", "", "chunk size"},
      {"size too large", chunks, "10000000000000000\r\n", "", "chunk size"},
      {"size ended by a bare LF", chunks, "3\nabc\r\n", "", "bare LF"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const Response response =
        answer_to(std::string("HTTP/1.1 200 OK\r\n") + row.framing + row.body);
    INFO(response.problem);
    CHECK(response.status == 200);
    CHECK_FALSE(response.complete);
    CHECK(response.body == row.arrived);
    CHECK(response.problem.find(row.problem) != std::string::npos);
  }
}

TEST_CASE("RawConnection gives trailers and interim responses apart", "[support][unit]") {
  const Response response = answer_to(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 200 Fine, thanks\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
      "1\r\na\r\n0\r\nT: u\r\n\r\n");
  REQUIRE(response.interim.size() == 2);
  CHECK(response.interim[0].status == 100);
  CHECK(response.interim[1].status == 103);
  CHECK(response.interim[1].headers["link"] == "</a>");
  CHECK(response.reason == "Fine, thanks");
  CHECK(response.version == "HTTP/1.1");
  CHECK_FALSE(response.headers.contains("Link"));
  CHECK(response.trailers["t"] == "u");
  CHECK_FALSE(response.headers.contains("T"));
}

TEST_CASE("RawConnection reads pipelined responses one by one", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/a", serve_body("first"));
  origin.on("/b", chunked("second", {1, 2}));
  RawConnection connection(origin.port());
  REQUIRE(connection.send(request_bytes(origin.port(), "GET", "/a") +
                          request_bytes(origin.port(), "GET", "/b") +
                          request_bytes(origin.port(), "GET", "/a", {{"Connection", "close"}})));
  CHECK(connection.read_response().body == "first");
  CHECK(connection.read_response().body == "second");
  const Response last = connection.read_response();
  CHECK(last.body == "first");
  CHECK(last.closed_after);
  CHECK(connection.closed_within(0ms));
}

TEST_CASE("RawConnection times out instead of hanging", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/silent", never_answer());
  origin.on("/half", [](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", "10"}});
    connection.send("12345");
    connection.wait_for_peer_close(1h);
  });
  origin.on("/endless", [](const OriginRequest&, Connection& connection) {
    connection.send_head(200);
    while (connection.send(std::string(10000, 'x'))) {
    }
  });
  ClientOptions options;
  options.timeout = 50ms;
  const auto began = std::chrono::steady_clock::now();
  const Response silent = get(origin.port(), "/silent", {}, options);
  CHECK(silent.timed_out);
  CHECK(silent.status == 0);
  const Response half = get(origin.port(), "/half", {}, options);
  CHECK(half.timed_out);
  CHECK(half.status == 200);
  CHECK(half.body == "12345");
  CHECK_FALSE(half.complete);
  const Response endless = get(origin.port(), "/endless", {}, options);
  CHECK(endless.timed_out);
  CHECK_FALSE(endless.complete);
  CHECK(std::chrono::steady_clock::now() - began >= 150ms);

  RawConnection connection(origin.port(), options);
  REQUIRE(connection.send(request_bytes(origin.port(), "GET", "/endless")));
  CHECK(connection.read_until_close().substr(0, 15) == "HTTP/1.1 200 OK");
  CHECK_FALSE(connection.closed_within(10ms));
}

TEST_CASE("RawConnection takes a body piece by piece", "[support][unit]") {
  ScriptedOrigin origin;
  const std::string body = random_bytes(300000);
  origin.on("/", chunked(body, {1000}));
  RawConnection connection(origin.port());
  REQUIRE(connection.send(request_bytes(origin.port(), "GET", "/")));
  Response response = connection.read_head();
  CHECK(response.status == 200);
  CHECK_FALSE(response.complete);
  CHECK(connection.read_body(response, 100000));
  CHECK(response.body.size() >= 100000);
  CHECK(response.body.size() < 200000);
  CHECK_FALSE(response.complete);
  CHECK_FALSE(connection.read_body(response, 300000));
  CHECK(response.complete);
  CHECK(response.body == body);
}

TEST_CASE("RawConnection waits on in a body that timed out", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/", slow_drip("ab", 1, 100ms));
  RawConnection connection(origin.port());
  REQUIRE(connection.send(request_bytes(origin.port(), "GET", "/")));
  Response response = connection.read_head();
  connection.set_timeout(1ms);
  while (!connection.read_body(response, 1)) REQUIRE(response.timed_out);
  int time_outs = 0;
  while (!connection.read_body(response, 1)) {
    REQUIRE(response.timed_out);
    ++time_outs;
  }
  CHECK(time_outs > 0);
  CHECK(response.body == "ab");
  CHECK(response.complete);
  CHECK_FALSE(response.timed_out);
}

TEST_CASE("RawConnection sends slowly, and stops when the server leaves", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/", serve_body("ok"));
  RawConnection connection(origin.port());
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(connection.send_slowly("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 10, 10ms));
  CHECK(connection.read_response().body == "ok");
  CHECK(std::chrono::steady_clock::now() - began >= 20ms);
  CHECK_FALSE(connection.send_slowly("bad\r\n" + std::string(1000, 'x'), 5, 50ms));
}

TEST_CASE("RawConnection tells how the server left", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/fin", cut_body(100, 10, Ending::fin));
  origin.on("/rst", cut_body(100, 10, Ending::rst));
  origin.on("/stay", serve_body("x"));
  for (const char* target : {"/fin", "/rst"}) {
    INFO(target);
    const Response response = get(origin.port(), target);
    CHECK(response.status == 200);
    CHECK(response.body == random_bytes(100).substr(0, 10));
    CHECK_FALSE(response.complete);
    CHECK(response.closed_after);
  }
  CHECK_FALSE(get(origin.port(), "/stay").closed_after);
}

TEST_CASE("A refused connection is told, not thrown", "[support][unit]") {
  std::uint16_t port = 0;
  { port = ScriptedOrigin().port(); }
  RawConnection connection(port);
  CHECK_FALSE(connection.connected());
  CHECK_FALSE(connection.error().empty());
  CHECK_FALSE(connection.send("x"));
  CHECK(connection.read_response().status == 0);
  const Response response = get(port, "/");
  CHECK(response.status == 0);
  CHECK(response.problem.find("cannot connect") != std::string::npos);
}

TEST_CASE("request_bytes adds what a request needs and nothing twice", "[support][unit]") {
  CHECK(request_bytes(80, "GET", "/a?b") == "GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n");
  CHECK(request_bytes(80, "POST", "/", {{"host", "x"}}, "abc") ==
        "POST / HTTP/1.1\r\nhost: x\r\nContent-Length: 3\r\n\r\nabc");
  CHECK(request_bytes(80, "POST", "/", {{"Host", "x"}, {"Transfer-Encoding", "chunked"}},
                      "0\r\n\r\n") ==
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

}  // namespace sluice::test
