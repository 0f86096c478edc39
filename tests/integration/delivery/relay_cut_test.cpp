#include <chrono>
#include <string>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFull = 3'000'000;

/// One worker, so that there is one pool.
Proxy one_worker(bool resume = true) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.resume = resume;
  });
}

/// As `cut_body`, with a strong validator, as if the body could be continued.
OriginHandler cut_with_validator(std::size_t sent, Ending ending) {
  return [=](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"ETag", "\"v1\""},
                               {"Accept-Ranges", "bytes"},
                               {"Content-Length", std::to_string(kFull)}});
    connection.send(random_bytes(sent));
    ending == Ending::rst ? connection.reset() : connection.close();
  };
}

void check_broken_off(const Proxy& proxy, const ScriptedOrigin& origin, std::size_t sent) {
  RawConnection client(proxy.port());
  REQUIRE(client.send(stream_request(proxy, origin.url("/"))));
  const auto response = client.read_response();
  CHECK(response.status == 200);
  CHECK(response.headers["Content-Length"] == std::to_string(kFull));
  check_cut(response, random_bytes(kFull), sent);
  CHECK(client.closed_within(2s));
  CHECK(client.read_until_close().empty());
  CHECK(origin.request_count() == 1);
}

}  // namespace

TEST_CASE("A body shorter than its length is cut, never padded", "[delivery][integration]") {
  const auto ending = GENERATE(Ending::fin, Ending::rst);
  const std::size_t sent = GENERATE(as<std::size_t>{}, 0, 1, 60 * 1024, 65'536, 2'999'999);
  INFO(sent << " bytes, then " << (ending == Ending::rst ? "RST" : "FIN"));
  ScriptedOrigin origin;
  SECTION("of a resource without validators") {
    origin.on("/", cut_body(kFull, sent, ending));
    check_broken_off(one_worker(), origin, sent);
  }
  SECTION("with resume off") {
    origin.on("/", cut_with_validator(sent, ending));
    check_broken_off(one_worker(false), origin, sent);
  }
}

TEST_CASE("Bytes of a cut body never appear in the next response", "[delivery][integration]") {
  const auto good = random_bytes(500'000, 9);
  ScriptedOrigin origin;
  origin.on("/good", status(200, {}, good));
  origin.on("/cut", cut_body(kFull, 1'000'003));
  const auto proxy = one_worker();
  for (int turn = 0; turn < 4; ++turn) {
    check_cut(proxy.fetch("/proxy/stream", origin.url("/cut")), random_bytes(1'000'003));
    check_whole(proxy.fetch("/proxy/stream", origin.url("/good")), good);
  }
}

TEST_CASE("A body longer than its length ends at it, and its surplus is lost",
          "[delivery][integration]") {
  struct Row {
    const char* why;
    std::size_t declared;
    std::size_t surplus;
  };
  const auto row = GENERATE(values<Row>({
      {"no body declared", 0, 7},
      {"one byte over", 1, 1},
      {"in the buffer of the head", 1000, 500},
      {"at the size of a turn", 60 * 1024, 1},
      {"at the size of a pipe", 65'536, 65'536},
      {"far in the relay", 1'000'000, 300'000},
  }));
  INFO(row.why);
  const auto good = random_bytes(100'000, 10);
  const auto body = random_bytes(row.declared + row.surplus, 11);
  ScriptedOrigin origin;
  origin.on("/long", wrong_length(row.declared, body));
  origin.on("/good", status(200, {}, good));
  const auto proxy = one_worker();
  RawConnection client(proxy.port());
  for (std::size_t turn = 0; turn < 2; ++turn) {
    REQUIRE(client.send(stream_request(proxy, origin.url("/long"))));
    check_whole(client.read_response(), body.substr(0, row.declared));
    REQUIRE(client.send(stream_request(proxy, origin.url("/good"))));
    check_whole(client.read_response(), good);
  }
  // What was asked after a surplus came on another connection.
  const auto asked = origin.requests();
  REQUIRE(asked.size() == 4);
  CHECK(asked[0].connection != asked[1].connection);
  CHECK(asked[2].connection != asked[3].connection);
}

}  // namespace sluice::test
