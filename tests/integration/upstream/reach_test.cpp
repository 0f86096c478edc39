#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";

}  // namespace

TEST_CASE("A loopback address is refused however it is spelled", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string host;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "127.0.0.1"},
      {"another address of the range", "127.8.9.10"},
      {"by name", "localhost"},
      {"name in capitals", "LocalHost"},
      {"two parts", "127.1"},
      {"three parts", "127.0.1"},
      {"one number", "2130706433"},
      {"one number in hex", "0x7f000001"},
      {"hex parts", "0x7f.1"},
      {"octal parts", "0177.0.0.01"},
      {"IPv6", "[::1]"},
      {"IPv6 in full", "[0:0:0:0:0:0:0:1]"},
      {"IPv4 mapped", "[::ffff:127.0.0.1]"},
      {"IPv4 mapped in hex", "[::ffff:7f00:1]"},
      {"IPv4 compatible", "[::127.0.0.1]"},
      {"NAT64", "[64:ff9b::127.0.0.1]"},
      {"6to4", "[2002:7f00:1::]"},
      {"nobody's address, which leads here", "0.0.0.0"},
      {"nobody's address in short", "0"},
      {"nobody's IPv6 address", "[::]"},
  }));
  INFO(row.why);
  const auto reach = GENERATE(upstream::Reach::lan, upstream::Reach::public_only);
  ScriptedOrigin origin;
  const Proxy proxy([&](app::Settings& settings) { settings.upstream.reach = reach; });
  const auto url = "http://" + row.host + ":" + std::to_string(origin.port()) + "/";
  for (const auto* route : {"/proxy/stream", "/proxy/hls/manifest.m3u8", "/proxy/hls/segment.ts"}) {
    check_error(proxy.fetch(route, url), 403, "upstream.reach");
  }
  CHECK(origin.connection_count() == 0);
}

TEST_CASE("A name that may lead to loopback is refused or not found, never fetched",
          "[upstream][integration]") {
  ScriptedOrigin origin;
  const Proxy proxy(
      [](app::Settings& settings) { settings.upstream.reach = upstream::Reach::lan; });
  const std::string name =
      GENERATE("localhost.", "x.localhost", "localhost.localdomain", "ip6-localhost", "127.0.0.1.");
  INFO(name);
  const auto response =
      proxy.fetch(kStream, "http://" + name + ":" + std::to_string(origin.port()) + "/");
  CHECK(response.complete);
  CHECK((response.status == 403 || response.status == 502));
  CHECK(origin.connection_count() == 0);
}

TEST_CASE("An address that is refused is not dialled for HEAD or https either",
          "[upstream][integration]") {
  ScriptedOrigin origin;
  const Proxy proxy(
      [](app::Settings& settings) { settings.upstream.reach = upstream::Reach::lan; });
  CHECK(request(proxy.port(), "HEAD", Proxy::target(kStream, origin.url("/"))).status == 403);
  check_error(proxy.fetch(kStream, "https://127.0.0.1:" + std::to_string(origin.port()) + "/"), 403,
              "upstream.reach");
  CHECK(origin.connection_count() == 0);
}

TEST_CASE("The reply says what kind of address was refused", "[upstream][integration]") {
  struct Row {
    std::string host;
    std::string words;
  };
  const auto row = GENERATE(values<Row>({
      {"127.0.0.1", "loopback"},
      {"10.0.0.1", "private"},
      {"100.64.0.1", "carrier-grade NAT"},
      {"169.254.169.254", "link-local"},
      {"[fd00::1]", "private"},
      {"[fe80::1]", "link-local"},
      {"224.0.0.1", "multicast"},
      {"255.255.255.255", "broadcast"},
      {"192.0.2.1", "documentation"},
      {"240.0.0.1", "reserved"},
      {"0.0.0.0", "unspecified"},
  }));
  const Proxy proxy(
      [](app::Settings& settings) { settings.upstream.reach = upstream::Reach::public_only; });
  check_error(proxy.fetch(kStream, "http://" + row.host + "/"), 403,
              "may not fetch from " + row.words + " addresses");
}

TEST_CASE("The cloud's metadata addresses are refused under lan", "[upstream][integration]") {
  const std::string host =
      GENERATE("169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "[::ffff:169.254.169.254]",
               "0xa9fea9fe", "2852039166", "0251.0376.0251.0376");
  INFO(host);
  const Proxy proxy(
      [](app::Settings& settings) { settings.upstream.reach = upstream::Reach::lan; });
  check_error(proxy.fetch(kStream, "http://" + host + "/latest/meta-data/"), 403, "upstream.reach");
}

TEST_CASE("Under any, loopback is fetched by all its names", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {}, "here"));
  const Proxy proxy;
  for (const std::string host : {"127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433"}) {
    INFO(host);
    CHECK(proxy.fetch(kStream, "http://" + host + ":" + std::to_string(origin.port()) + "/").body ==
          "here");
  }
  OriginOptions options;
  options.ipv6 = true;
  ScriptedOrigin six(options);
  six.on("/", status(200, {}, "six"));
  CHECK(proxy.fetch(kStream, six.url("/")).body == "six");
}

}  // namespace sluice::test
