#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/process_memory.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";
const std::string kOk = "HTTP/1.1 200 OK\r\n";

/// Sends `start`, then `more` for as long as the peer takes it, with `interval` between.
OriginHandler without_end(std::string start, std::string more,
                          std::chrono::milliseconds interval = 0ms) {
  return [start = std::move(start), more = std::move(more), interval](const OriginRequest&,
                                                                      Connection& connection) {
    connection.send_raw(start);
    while (connection.send_raw(more)) {
      if (interval > 0ms && !connection.pause(interval)) return;
    }
  };
}

OriginHandler raw_then(std::string bytes, Ending ending) {
  return [bytes = std::move(bytes), ending](const OriginRequest&, Connection& connection) {
    connection.send_raw(bytes);
    ending == Ending::rst ? connection.reset() : connection.close();
  };
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

struct Hostile {
  const char* why;
  OriginHandler handler;
  bool endless = false;  ///< a body that breaks no rule; its client leaves after a byte
};

std::vector<Hostile> hostile_origins() {
  const std::string chunks = kOk + "Transfer-Encoding: chunked\r\n\r\n";
  std::vector<Hostile> all{
      {"header lines without end", without_end(kOk, repeated("X-Header: value\r\n", 500))},
      {"one header line without end", without_end(kOk + "X: ", std::string(8000, 'x'))},
      {"status line without end", without_end("HTTP/1.1 200 ", std::string(8000, 'x'))},
      {"head that drips", without_end(kOk + "X: ", "x", 100ms)},
      {"chunk extension without end", without_end(chunks + "5;a=", std::string(64 * 1024, 'x'))},
      {"chunk size without end", without_end(chunks, std::string(64 * 1024, '0'))},
      {"chunk extensions of many chunks without end",
       without_end(chunks, repeated("1;" + std::string(2000, 'e') + "\r\na\r\n", 32)), true},
      {"trailers without end",
       without_end(chunks + "0\r\n", repeated("X-Trailer: value\r\n", 500))},
      {"length of which nothing comes",
       raw_then(kOk + "Content-Length: 99999999999\r\n\r\n", Ending::fin)},
      {"length of which little comes",
       raw_then(kOk + "Content-Length: 99999999999\r\n\r\n" + random_bytes(100'000), Ending::fin)},
      {"negative length", raw_then(kOk + "Content-Length: -1\r\n\r\nhello", Ending::fin)},
      {"two lengths",
       raw_then(kOk + "Content-Length: 5\r\nContent-Length: 500\r\n\r\nhello", Ending::fin)},
      {"chunk larger than anything", raw_then(chunks + "ffffffffffffffff0\r\nhello", Ending::fin)},
      {"interim answers without end",
       without_end("", repeated("HTTP/1.1 100 Continue\r\n\r\n", 50))},
      {"interim answers that drip", without_end("", "HTTP/1.1 103 Early Hints\r\n\r\n", 50ms)},
      {"silence in the body",
       [](const OriginRequest&, Connection& connection) {
         connection.send_raw(kOk + "Content-Length: 1000\r\n\r\nbegin");
         connection.wait_for_peer_close(20s);
       }},
      {"silence", never_answer()},
  };
  const std::string whole = kOk + "Content-Length: 9\r\n\r\nsome body";
  for (const std::size_t size : {0U, 1U, 12U, 17U, 30U, 38U, 40U}) {
    all.push_back({"reset on the way", raw_then(whole.substr(0, size), Ending::rst)});
  }
  return all;
}

/// Whether a transfer ended as that of a broken origin should: a clear error, or cut.
bool ended_badly(const Response& response) {
  if (response.timed_out) return false;
  if (!response.complete) return true;
  return (response.status == 502 || response.status == 504) &&
         response.headers["Content-Type"] == "application/json";
}

}  // namespace

TEST_CASE("Hostile origins, all at once, harm nobody else", "[upstream][integration]") {
  constexpr std::size_t kEach = 3;
  const auto hostile = hostile_origins();
  ScriptedOrigin bad({false, {}, {}, 64 * 1024});
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    bad.on("/" + std::to_string(i), hostile[i].handler);
  }
  bad.on_prefix("/circle", [](const OriginRequest& request, Connection& connection) {
    connection.send_response(302, {{"Location", request.target + "x"}, {"Connection", "close"}},
                             {});
  });
  const auto body = random_bytes(3'000'000, 60);
  ScriptedOrigin good;
  good.on("/", slow_drip(body, 50'000, 20ms));
  good.on("/quick", status(200, {}, body));
  // Drips a byte at a time, within all limits: slow, but no fault.
  good.on("/slow", slow_drip(body.substr(0, 12), 1, 100ms));

  const auto before = resident_bytes();
  const Proxy proxy([](app::Settings& settings) {
    settings.upstream.max_concurrent_per_host = 0;
    settings.upstream.first_byte_timeout = 500ms;
    settings.upstream.idle_timeout = 800ms;
    settings.upstream.retry_delay = 10ms;
  });
  std::vector<Response> got(hostile.size() * kEach);
  Response circle;
  Response healthy;
  Response slow;
  std::vector<Response> quick(3);
  std::atomic<std::size_t> most_memory = 0;
  in_parallel(got.size() + 4, [&](std::size_t i) {
    if (i < got.size()) {
      const auto path = "/" + std::to_string(i % hostile.size());
      // A client that gives up only after all limits have passed.
      RawConnection client(proxy.port(), {4000ms, false, 0, {}});
      client.send(stream_request(proxy, bad.url(path)));
      auto response = client.read_head();
      while (response.status != 0 && !response.complete && response.problem.empty()) {
        // What an origin sends without end is not kept.
        response.body.clear();
        if (!client.read_body(response, 1)) break;
        if (hostile[i % hostile.size()].endless) break;
      }
      got[i] = response;
    } else if (i == got.size()) {
      circle = proxy.fetch(kStream, bad.url("/circle"));
    } else if (i == got.size() + 1) {
      healthy = proxy.fetch(kStream, good.url("/"));
    } else if (i == got.size() + 2) {
      slow = proxy.fetch(kStream, good.url("/slow"));
    } else {
      for (auto& response : quick) response = proxy.fetch(kStream, good.url("/quick"));
      most_memory = resident_bytes();
    }
  });

  check_whole(healthy, body);
  check_whole(slow, body.substr(0, 12));
  for (const auto& response : quick) check_whole(response, body);
  CHECK(circle.status == 502);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto& kind = hostile[i % hostile.size()];
    INFO(kind.why << ": " << got[i].status << " " << got[i].problem);
    CHECK((kind.endless || ended_badly(got[i])));
  }
  CHECK(bad.wait_for_open_connections(0, 5s));
  // Idle ones to the good origin may stay for the next request.
  CHECK(good.open_connections() <= 6);
  if (kMemoryTells) CHECK(most_memory < before + 64 * 1024 * 1024 + 3 * body.size());
  check_whole(proxy.fetch(kStream, good.url("/quick")), body);
}

TEST_CASE("Chunk extensions without end cost no memory", "[upstream][integration]") {
  ScriptedOrigin origin({false, {}, {}, 64 * 1024});
  const auto extension = std::string(256 * 1024, 'x');
  origin.on("/", without_end(kOk + "Transfer-Encoding: chunked\r\n\r\n5;a=", extension));
  const Proxy proxy;
  const auto before = resident_bytes();
  const auto response = proxy.fetch(kStream, origin.url("/"));
  CHECK(ended_badly(response));
  CHECK(origin.wait_for_open_connections(0, 5s));
  // Refused early, not after gigabytes.
  CHECK(origin.connections().at(0).bytes_sent < 16 * 1024 * 1024);
  if (kMemoryTells) CHECK(resident_bytes() < before + 8 * 1024 * 1024);
}

TEST_CASE("A body of a byte now and then is passed on while it keeps coming",
          "[upstream][integration]") {
  const auto body = random_bytes(4, 61);
  ScriptedOrigin origin;
  origin.on("/", slow_drip(body, 1, 1000ms));
  const Proxy proxy([](app::Settings& settings) {
    settings.upstream.idle_timeout = 5000ms;
    settings.upstream.first_byte_timeout = 500ms;
  });
  check_whole(proxy.fetch(kStream, origin.url("/")), body);
}

}  // namespace sluice::test
