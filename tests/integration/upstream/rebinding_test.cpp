#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "support/catch.hpp"
#include "support/fake_resolver.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using upstream::Reach;
using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";
constexpr std::string_view kManifest = "/proxy/hls/manifest.m3u8";
constexpr std::string_view kItself = "it is this server itself";

constexpr auto kGood = "::1";        ///< where the origin listens
constexpr auto kSelf = "127.0.0.1";  ///< where Sluice listens, on the same port
constexpr auto kDead = "127.0.0.2";  ///< where nobody listens

OriginOptions on_ipv6() {
  OriginOptions options;
  options.ipv6 = true;
  return options;
}

/// An origin on [::1] and Sluice on 127.0.0.1, both on one port, so that it depends on the address
/// alone whether a name may be fetched from, and what answers: reach is any, and only Sluice itself
/// is forbidden. Connections are not reused, so that every request looks its name up.
struct SamePort {
  explicit SamePort(std::chrono::seconds cache_ttl = {}) {
    for (int tries = 0; !proxy; ++tries) {
      origin.emplace(on_ipv6());
      try {
        proxy.emplace([&](app::Settings& settings) {
          settings.server.port = origin->port();
          settings.upstream.pool_max_idle_per_host = 0;
          settings.upstream.retry_delay = 1ms;
          settings.upstream.dns_cache_ttl = cache_ttl;
        });
      } catch (const std::runtime_error&) {
        if (tries == 20) throw;  // so many ports taken on 127.0.0.1 alone
      }
    }
    origin->on_prefix("/", status(200, {}, "origin"));
  }

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://turns.fake:" + std::to_string(origin->port()) + path;
  }
  [[nodiscard]] Response fetch(const std::string& path = "/") const {
    return proxy->fetch(kStream, url(path));
  }

  FakeResolver names;
  std::optional<ScriptedOrigin> origin;
  std::optional<Proxy> proxy;
};

}  // namespace

TEST_CASE("A name is looked up once, and what was checked is dialled", "[upstream][integration]") {
  SamePort setup;
  SECTION("allowed, then not") {
    setup.names.answer("turns.fake", {{kGood}, {kSelf}});
    CHECK(setup.fetch().body == "origin");
    CHECK(setup.names.look_ups("turns.fake") == 1);
    check_error(setup.fetch(), 403, kItself);
  }
  SECTION("not allowed, then allowed") {
    setup.names.answer("turns.fake", {{kSelf}, {kGood}});
    check_error(setup.fetch(), 403, kItself);
    CHECK(setup.names.look_ups("turns.fake") == 1);
    CHECK(setup.fetch().body == "origin");
  }
  CHECK(setup.names.look_ups("turns.fake") == 2);
  CHECK(setup.origin->connection_count() == 1);
}

TEST_CASE("What is remembered of a name is checked again each time", "[upstream][integration]") {
  SamePort setup(30s);
  SECTION("allowed") {
    setup.names.answer("turns.fake", {{kGood}, {kSelf}});
    for (int turn = 0; turn < 3; ++turn) CHECK(setup.fetch().body == "origin");
  }
  SECTION("not allowed") {
    setup.names.answer("turns.fake", {{kSelf}, {kGood}});
    for (int turn = 0; turn < 3; ++turn) check_error(setup.fetch(), 403, kItself);
    CHECK(setup.origin->connection_count() == 0);
  }
  CHECK(setup.names.look_ups("turns.fake") == 1);
}

TEST_CASE("Of a name's addresses only those that are allowed are dialled",
          "[upstream][integration]") {
  SamePort setup(GENERATE(0s, 30s));
  SECTION("the forbidden one first") {
    setup.names.answer("turns.fake", {{kSelf, kGood}});
    for (int turn = 0; turn < 3; ++turn) CHECK(setup.fetch().body == "origin");
    CHECK(setup.origin->connection_count() == 3);
  }
  SECTION("none but forbidden ones") {
    setup.names.answer("turns.fake", {{kSelf, "0.0.0.0", "::ffff:127.0.0.1"}});
    check_error(setup.fetch(), 403, kItself);
    CHECK(setup.origin->connection_count() == 0);
  }
  SECTION("the allowed one does not answer") {
    setup.names.answer("turns.fake", {{kDead, kSelf}});
    check_error(setup.fetch(), 502, "does not accept connections");
  }
}

TEST_CASE("A retry after a failed connect dials no other address than its look-up allowed",
          "[upstream][integration]") {
  SECTION("looked up again") {
    SamePort setup;
    setup.names.answer("turns.fake", {{kDead}, {kSelf}});
    check_error(setup.fetch(), 403, kItself);
    CHECK(setup.names.look_ups("turns.fake") == 2);
  }
  SECTION("remembered") {
    SamePort setup(30s);
    setup.names.answer("turns.fake", {{kDead}, {kSelf}});
    check_error(setup.fetch(), 502, "does not accept connections");
    CHECK(setup.names.look_ups("turns.fake") == 1);
  }
}

TEST_CASE("A redirect to a name that leads to the server itself is refused",
          "[upstream][integration]") {
  SamePort setup;
  SECTION("another name") {
    setup.names.answer("good.fake", kGood);
    setup.names.answer("turns.fake", kSelf);
    setup.origin->on("/from", redirect_to(setup.url("/to")));
    check_error(setup.proxy->fetch(kStream, setup.origin->url("/from")), 403, kItself);
  }
  SECTION("the same name, which has moved meanwhile") {
    setup.names.answer("turns.fake", {{kGood}, {kSelf}});
    setup.origin->on("/from", redirect_to("/to"));
    check_error(setup.fetch("/from"), 403, kItself);
    CHECK(setup.names.look_ups("turns.fake") == 2);
  }
  CHECK(setup.origin->requests_to("/to").empty());
  CHECK(setup.origin->requests_to("/from").size() == 1);
}

TEST_CASE("A playlist's children are checked when they are fetched", "[upstream][integration]") {
  SamePort setup;
  setup.names.answer("turns.fake", {{kGood}, {kSelf}});
  setup.origin->on("/list.m3u8", status(200, {}, "#EXTM3U\n#EXTINF:4,\nsegment.ts\n"));
  const auto list = setup.proxy->fetch(kManifest, setup.url("/list.m3u8"));
  CHECK(list.status == 200);
  CHECK(list.body.find(Proxy::target("/proxy/hls/segment.ts", setup.url("/segment.ts"))) !=
        std::string::npos);
  check_error(setup.proxy->fetch("/proxy/hls/segment.ts", setup.url("/segment.ts")), 403, kItself);
  CHECK(setup.origin->request_count() == 1);
}

TEST_CASE("A name that leads to loopback is refused by reach, whatever it led to before",
          "[upstream][integration]") {
  struct Row {
    const char* why;
    std::vector<DnsAnswer> answers;  ///< the last one leads to the trap, or none does
  };
  const auto row = GENERATE(values<Row>({
      {"IPv4", {{"127.0.0.1"}}},
      {"IPv6", {{"::1"}}},
      {"both", {{"127.0.0.1", "::1"}}},
      {"another of the block", {{"127.8.9.10"}}},
      {"nobody's", {{"0.0.0.0"}}},
      {"nobody's IPv6", {{"::"}}},
      {"mapped", {{"::ffff:127.0.0.1"}}},
      {"translated", {{"64:ff9b::7f00:1"}}},
      {"link-local, then loopback", {{"169.254.169.254"}, {"127.0.0.1"}}},
      {"loopback, then link-local", {{"127.0.0.1"}, {"169.254.169.254"}}},
      {"IPv4, then IPv6", {{"127.0.0.1"}, {"::1"}}},
      {"metadata and loopback", {{"100.100.100.200", "127.0.0.1", "fd00:ec2::254"}}},
  }));
  INFO(row.why);
  const auto reach = GENERATE(Reach::lan, Reach::public_only);
  FakeResolver names;
  names.answer("turns.fake", row.answers);
  ScriptedOrigin trap;
  const Proxy proxy([&](app::Settings& settings) {
    settings.upstream.reach = reach;
    settings.upstream.dns_cache_ttl = {};
  });
  const auto url = "http://turns.fake:" + std::to_string(trap.port()) + "/";
  for (const auto route : {kStream, kManifest, std::string_view("/proxy/hls/segment.ts")}) {
    check_error(proxy.fetch(route, url), 403, "upstream.reach");
  }
  CHECK(names.look_ups("turns.fake") == 3);
  CHECK(trap.connection_count() == 0);
}

}  // namespace sluice::test
