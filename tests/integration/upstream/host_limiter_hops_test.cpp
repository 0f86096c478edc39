#include <chrono>
#include <string>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/origin_load.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";

/// One request at a time to each origin: whoever holds two permits waits for itself.
Proxy one_at_a_time() {
  return Proxy([](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.max_concurrent_per_host = 1;
    settings.upstream.limiter_wait = 1000ms;
    settings.upstream.retry_delay = 1ms;
  });
}

}  // namespace

TEST_CASE("A redirect gives the permit of the origin it leaves back", "[upstream][integration]") {
  OriginLoad load;
  ScriptedOrigin first;
  ScriptedOrigin second;
  first.on("/away", redirect_to(second.url("/held")));
  first.on("/good", status(200, {}, "good"));
  second.on("/held", load.held(random_bytes(5000)));
  const auto proxy = one_at_a_time();
  RawConnection client(proxy.port());
  REQUIRE(client.send(stream_request(proxy, first.url("/away"))));
  REQUIRE(second.wait_for_requests(1));
  // The body comes from the second; the first is free.
  check_whole(proxy.fetch(kStream, first.url("/good")), "good");
  CHECK(proxy.fetch(kStream, second.url("/held")).status == 503);
  load.open();
  check_whole(client.read_response(), random_bytes(5000));
  for (int turn = 0; turn < 30; ++turn) {
    check_whole(proxy.fetch(kStream, first.url("/away")), random_bytes(5000));
  }
  check_whole(proxy.fetch(kStream, first.url("/good")), "good");
}

TEST_CASE("A request that asks an origin again does not wait for itself",
          "[upstream][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
  };
  const auto body = random_bytes(20'000);
  const auto row = GENERATE_COPY(values<Row>({
      {"redirect to itself", redirect_to("/good")},
      {"retry after a lost connection", in_sequence({hang_up(), serve_body(body)})},
      {"retry after 503", in_sequence({status(503), serve_body(body)})},
      {"continuation of a cut body",
       in_sequence({[body](const OriginRequest&, Connection& connection) {
                      connection.send_head(200, {{"ETag", etag_of(body)},
                                                 {"Content-Length", std::to_string(body.size())}});
                      connection.send(std::string_view(body).substr(0, 7000));
                      connection.close();
                    },
                    serve_body(body)})},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", row.handler);
  origin.on("/good", serve_body(body));
  const auto proxy = one_at_a_time();
  check_whole(proxy.fetch(kStream, origin.url("/")), body);
  check_whole(proxy.fetch(kStream, origin.url("/good")), body);
}

TEST_CASE("HEAD that falls back to GET does not wait for itself", "[upstream][integration]") {
  const auto body = random_bytes(20'000);
  ScriptedOrigin origin;
  origin.on("/405", refuse_head(405, serve_body(body)));
  origin.on("/503", refuse_head(503, serve_body(body)));
  const auto proxy = one_at_a_time();
  for (const auto* path : {"/405", "/503", "/405"}) {
    INFO(path);
    const auto response = request(proxy.port(), "HEAD", Proxy::target(kStream, origin.url(path)));
    CHECK(response.status == 200);
    CHECK(response.headers["Content-Length"] == "20000");
  }
  check_whole(proxy.fetch(kStream, origin.url("/405")), body);
}

TEST_CASE("Two redirects that cross do not wait for each other for ever",
          "[upstream][integration]") {
  OriginLoad load;
  load.open_at(2);
  ScriptedOrigin first;
  ScriptedOrigin second;
  first.on("/over", load.before(redirect_to(second.url("/body"))));
  second.on("/over", load.before(redirect_to(first.url("/body"))));
  first.on("/body", status(200, {}, "first"));
  second.on("/body", status(200, {}, "second"));
  const auto proxy = one_at_a_time();
  RawConnection to_first(proxy.port());
  RawConnection to_second(proxy.port());
  REQUIRE(to_first.send(stream_request(proxy, first.url("/over"))));
  REQUIRE(to_second.send(stream_request(proxy, second.url("/over"))));
  check_whole(to_first.read_response(), "second");
  check_whole(to_second.read_response(), "first");
}

}  // namespace sluice::test
