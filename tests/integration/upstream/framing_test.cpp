#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";

/// Sends these bytes as they are and closes.
OriginHandler raw(std::string bytes) {
  return [bytes = std::move(bytes)](const OriginRequest&, Connection& connection) {
    connection.send_raw(bytes);
    connection.close();
  };
}

}  // namespace

TEST_CASE("A body passes through in every framing", "[upstream][delivery][integration]") {
  const std::size_t size = GENERATE(0u, 1u, 4096u, 65'535u, 65'536u, 65'537u, 3'000'000u);
  INFO(size << " bytes");
  const auto body = random_bytes(size, size + 1);
  ScriptedOrigin origin;
  origin.on("/length", status(200, {}, body));
  origin.on("/chunked", chunked(body, {1, 10'000, 65'536, 3, 100'000}));
  origin.on("/close", until_close(body));
  const Proxy proxy;

  const auto by_length = proxy.fetch(kStream, origin.url("/length"));
  CHECK(by_length.complete);
  CHECK(by_length.framing == Framing::length);
  CHECK(by_length.headers["Content-Length"] == std::to_string(size));
  CHECK(sha256_hex(by_length.body) == sha256_hex(body));
  for (const auto* path : {"/chunked", "/close"}) {
    INFO(path);
    const auto response = proxy.fetch(kStream, origin.url(path));
    CHECK(response.complete);
    CHECK(response.framing == Framing::chunked);
    CHECK_FALSE(response.headers.contains("Content-Length"));
    CHECK(sha256_hex(response.body) == sha256_hex(body));
  }
}

TEST_CASE("Chunks of any sizes come out as the same bytes", "[upstream][integration]") {
  const auto row = GENERATE(values<std::vector<std::size_t>>(
      {{1}, {2}, {3, 1}, {7}, {15, 16, 17}, {255, 256}, {4095}, {4096}, {65'535}, {65'536}}));
  const auto body = random_bytes(row.front() < 16 ? 20'000 : 500'000);
  ScriptedOrigin origin;
  origin.on("/", chunked(body, row));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"));
  INFO("first chunk " << row.front());
  CHECK(response.complete);
  CHECK(sha256_hex(response.body) == sha256_hex(body));
}

TEST_CASE("Chunked framing is read as the standard allows it", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string framed;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "5\r\nhello\r\n0\r\n\r\n"},
      {"upper-case digits and zeros in front", "0005\r\nhello\r\n000\r\n\r\n"},
      {"extensions", "5;a=b;c=\"d\"\r\nhello\r\n0;last\r\n\r\n"},
      {"trailers", "5\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n"},
      {"one byte each", "1\r\nh\r\n1\r\ne\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n"},
  }));
  INFO(row.why);
  const bool in_pieces = GENERATE(false, true);
  INFO(in_pieces << " (one byte at a time)");
  ScriptedOrigin origin;
  origin.on("/", [&](const OriginRequest&, Connection& connection) {
    const auto bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + row.framed;
    if (in_pieces) {
      connection.drip(bytes, 1, std::chrono::milliseconds(0));
    } else {
      connection.send_raw(bytes);
    }
    connection.keep_open();
  });
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  for (int turn = 0; turn < 2; ++turn) {
    const auto response = proxy.fetch(kStream, origin.url("/"));
    CHECK(response.complete);
    CHECK(response.body == "hello");
    CHECK(response.trailers.empty());
    CHECK_FALSE(response.headers.contains("X-Sum"));
  }
  CHECK(origin.connection_count() == 1);
}

TEST_CASE("Broken chunk framing never ends in a complete body", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string framed;
  };
  const auto row = GENERATE(values<Row>({
      {"no number", "hello\r\n0\r\n\r\n"},
      {"prefix of another notation", "0x5\r\nhello\r\n0\r\n\r\n"},
      {"negative", "-5\r\nhello\r\n0\r\n\r\n"},
      {"empty size line", "\r\nhello\r\n0\r\n\r\n"},
      {"blank before the size", " 5\r\nhello\r\n0\r\n\r\n"},
      {"larger than 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"bare LF after the size", "5\nhello\r\n0\r\n\r\n"},
      {"CR without LF after the size", "5\rXhello\r\n0\r\n\r\n"},
      {"data longer than its size", "5\r\nhello!\r\n0\r\n\r\n"},
      {"data shorter than its size", "6\r\nhello\r\n0\r\n\r\n"},
      {"size line without end", std::string(100'000, '1')},
      {"extension without end", "5;" + std::string(100'000, 'x')},
      {"trailers without end", "5\r\nhello\r\n0\r\nX: " + std::string(200'000, 'x')},
      {"no last chunk", "5\r\nhello\r\n"},
      {"last chunk without its empty line", "5\r\nhello\r\n0\r\n"},
  }));
  INFO(row.why);
  const bool head_first = GENERATE(false, true);
  INFO(head_first << " (the head has left before)");
  std::atomic<bool> go_on = false;
  ScriptedOrigin origin;
  origin.on("/", [&](const OriginRequest&, Connection& connection) {
    connection.send_raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    if (head_first) connection.send_raw("2\r\nab\r\n");
    while (head_first && !go_on && connection.pause(std::chrono::milliseconds(1))) {
    }
    connection.send_raw(row.framed);
    connection.close();
  });
  const Proxy proxy;
  RawConnection client(proxy.port());
  REQUIRE(client.send(request_bytes(proxy.port(), "GET", Proxy::target(kStream, origin.url("/")))));
  auto response = client.read_head();
  if (head_first) {
    CHECK(response.status == 200);
    CHECK(client.read_body(response, 2));
  }
  go_on = true;
  if (response.status != 0) client.read_body(response, 1'000'000);
  CHECK_FALSE((response.complete && response.status < 500));
  CHECK_FALSE(response.timed_out);
}

TEST_CASE("A body that breaks before anything has left is answered with the reason",
          "[upstream][server][integration]") {
  ScriptedOrigin origin;
  origin.on("/", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"));
  const Proxy proxy;
  check_error(proxy.fetch(kStream, origin.url("/")), 502, "not valid HTTP");
}

TEST_CASE("An answer that is not valid HTTP is refused", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string bytes;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const auto row = GENERATE_COPY(values<Row>({
      {"length and chunks", ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello"},
      {"two lengths", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"},
      {"two lengths in one line", ok + "Content-Length: 5, 6\r\n\r\nhello!"},
      {"length with a sign", ok + "Content-Length: +5\r\n\r\nhello"},
      {"negative length", ok + "Content-Length: -5\r\n\r\nhello"},
      {"length larger than 64 bits", ok + "Content-Length: 18446744073709551616\r\n\r\nhello"},
      {"length in hex", ok + "Content-Length: 0x5\r\n\r\nhello"},
      {"coding other than chunked", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked twice",
       ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"no HTTP at all", "hello\r\n\r\n"},
      {"another protocol", "ICY 200 OK\r\nicy-name: x\r\n\r\nhello"},
      {"another version", "HTTP/2.0 200 OK\r\n\r\nhello"},
      {"status of two digits", "HTTP/1.1 20 OK\r\n\r\nhello"},
      {"status that is no number", "HTTP/1.1 OK 200\r\n\r\nhello"},
      {"header without a colon", ok + "Content-Length 5\r\n\r\nhello"},
      {"blank before the colon", ok + "Content-Length : 5\r\n\r\nhello"},
      {"control character in a name", ok + "X\x01Y: 1\r\n\r\nhello"},
      {"switching protocols unasked", "HTTP/1.1 101 Switching Protocols\r\n\r\nhello"},
      {"interim responses without end",
       [] {
         std::string many;
         for (int i = 0; i < 20; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
         return many;
       }()},
      {"head longer than is read", ok + "X: " + std::string(70'000, 'x') + "\r\n\r\nhello"},
      {"more header lines than are read",
       [] {
         std::string many = "HTTP/1.1 200 OK\r\n";
         for (int i = 0; i < 20'000; ++i) many += "X: y\r\n";
         return many + "\r\nhello";
       }()},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", raw(row.bytes));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"));
  check_error(response, 502, "not valid HTTP");
  CHECK(origin.request_count() == 1);
}

TEST_CASE("An answer that breaks off in its head is refused", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string bytes;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing at all", ""},
      {"half a status line", "HTTP/1."},
      {"half a header", "HTTP/1.1 200 OK\r\nContent-Le"},
      {"no empty line", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"},
      {"another protocol's greeting", "SSH-2.0-OpenSSH_9.2\r\n"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", raw(row.bytes));
  const Proxy proxy([](auto& settings) { settings.upstream.retry_attempts = 0; });
  check_error(proxy.fetch(kStream, origin.url("/")), 502, "without an answer");
  CHECK(origin.request_count() == 1);
}

TEST_CASE("Answers that are odd but clear are understood", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string bytes;
    int status;
    std::string body;
  };
  const auto row = GENERATE(values<Row>({
      {"equal lengths twice",
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
      {"HTTP/1.0 until the close", "HTTP/1.0 200 OK\r\n\r\nhello", 200, "hello"},
      {"no reason", "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
      {"status without a name", "HTTP/1.1 299 Fine\r\nContent-Length: 5\r\n\r\nhello", 299,
       "hello"},
      {"coding in capitals",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
       "5\r\nhello\r\n0\r\n\r\n",
       200, "hello"},
      {"interim responses before",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
       200, "hello"},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
      {"not modified, with the length of what is not sent",
       "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\n", 304, ""},
      {"reset content", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205, ""},
      {"empty body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""},
      {"a head near the limit",
       "HTTP/1.1 200 OK\r\nX: " + std::string(60'000, 'x') + "\r\nContent-Length: 5\r\n\r\nhello",
       200, "hello"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", raw(row.bytes));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"));
  CHECK(response.complete);
  CHECK(response.status == row.status);
  CHECK(response.body == row.body);
  CHECK(response.interim.empty());
  CHECK(response.headers["Access-Control-Allow-Origin"] == "*");
}

TEST_CASE("A body shorter than its length is cut, a longer one ends at it",
          "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/short", wrong_length(10, "hello"));
  origin.on("/long", wrong_length(5, "hello, and more"));
  origin.on("/good", status(200, {}, "good"));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  const auto cut = proxy.fetch(kStream, origin.url("/short"));
  CHECK_FALSE(cut.complete);
  CHECK_FALSE(cut.timed_out);
  const auto whole = proxy.fetch(kStream, origin.url("/long"));
  CHECK(whole.complete);
  CHECK(whole.body == "hello");
  // The surplus must not become the beginning of the next answer.
  CHECK(proxy.fetch(kStream, origin.url("/good")).body == "good");
  CHECK(origin.connection_count() == 3);
}

TEST_CASE("Bytes that follow a body later do not answer the next request",
          "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/long", [](const OriginRequest&, Connection& connection) {
    connection.send_response(200, {}, "hello");
    connection.pause(std::chrono::milliseconds(100));
    connection.send_raw("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
    connection.keep_open();
  });
  origin.on("/good", status(200, {}, "good"));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  CHECK(proxy.fetch(kStream, origin.url("/long")).body == "hello");
  // Once the surplus is sent, the pool notices it by itself.
  CHECK(origin.wait_for_open_connections(0));
  CHECK(proxy.fetch(kStream, origin.url("/good")).body == "good");
  CHECK(origin.connection_count() == 2);
}

}  // namespace sluice::test
