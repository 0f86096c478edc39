#include <chrono>
#include <string>

#include "integration/upstream/error_reply.hpp"
#include "integration/upstream/outgoing_proxy.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/scripted_origin.hpp"
#include "support/socket.hpp"
#include "support/temp_dir.hpp"

// What an outgoing proxy may do wrong, each as the player sees it.
namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Script = ScriptedProxy::Script;

constexpr std::string_view kStream = "/proxy/stream";
// Nothing listens there, and nobody asks: the proxy's answer decides.
constexpr std::string_view kHttp = "http://127.0.0.1:9/";
constexpr std::string_view kHttps = "https://127.0.0.1:9/";

struct Row {
  const char* why;
  const char* scheme;
  std::string_view url;
  Script script;
  std::string words;
};

Script answer_socks5(std::string reply) {
  return [reply = std::move(reply)](ProxyConnection& peer) {
    take_socks5_request(peer);
    peer.send(reply);
  };
}

Script answer_connect(std::string reply) {
  return [reply = std::move(reply)](ProxyConnection& peer) {
    (void)peer.read_head();
    peer.send(reply);
  };
}

Script answer_socks4(std::string reply) {
  return [reply = std::move(reply)](ProxyConnection& peer) {
    (void)peer.read(9);
    peer.send(reply);
  };
}

}  // namespace

TEST_CASE("A proxy that refuses, breaks off or speaks something else is named as the cause",
          "[upstream][integration]") {
  const auto row = GENERATE(values<Row>({
      {"SOCKS 5: nothing", "socks5", kHttp, [](ProxyConnection&) {}, "proxy failed"},
      {"SOCKS 5: half a method", "socks5", kHttp,
       [](ProxyConnection& peer) {
         (void)peer.read(3);
         peer.send("\x05");
       },
       "closed the connection"},
      {"SOCKS 5: half a reply", "socks5", kHttp, answer_socks5(kSocks5Open.substr(0, 3)),
       "closed the connection"},
      {"SOCKS 5: half an address", "socks5", kHttp, answer_socks5(kSocks5Open.substr(0, 7)),
       "closed the connection"},
      {"SOCKS 5: half a name", "socks5", kHttp, answer_socks5("\x05\x00\x00\x03\x09half"s),
       "closed the connection"},
      {"SOCKS 5: host unreachable", "socks5", kHttp, answer_socks5("\x05\x04\x00\x01"s),
       "does not connect to the origin: host unreachable"},
      {"SOCKS 5: refused", "socks5", kHttp, answer_socks5("\x05\x05\x00\x01"s),
       "does not connect to the origin: connection refused"},
      {"SOCKS 5: wants a login", "socks5", kHttp,
       [](ProxyConnection& peer) {
         (void)peer.read(3);
         peer.send("\x05\xff");
       },
       "user name and password"},
      {"SOCKS 5: HTTP instead", "socks5", kHttp,
       [](ProxyConnection& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); },
       "proxy failed: it does not answer as a SOCKS 5 proxy"},
      {"SOCKS 4: rejected", "socks4", kHttp, answer_socks4("\x00\x5b\x00\x00\x00\x00\x00\x00"s),
       "does not connect to the origin: rejected"},
      {"SOCKS 4: half a reply", "socks4a", kHttp, answer_socks4("\x00\x5a\x00"s),
       "closed the connection"},
      {"SOCKS 4: SOCKS 5 instead", "socks4", kHttp,
       answer_socks4("\x05\xff\x00\x00\x00\x00\x00\x00"s), "does not answer as a SOCKS 4 proxy"},
      {"CONNECT: half a head", "http", kHttps, answer_connect("HTTP/1.1 200 OK\r\nVia: x"),
       "closed the connection"},
      {"CONNECT: a head without end", "http", kHttps,
       [](ProxyConnection& peer) {
         (void)peer.read_head();
         peer.send("HTTP/1.1 200 OK\r\nX: ");
         while (peer.send(std::string(1000, 'x'))) {
         }
       },
       "too long"},
      {"CONNECT: forbidden", "http", kHttps,
       answer_connect("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
       "does not connect to the origin: status 403"},
      {"CONNECT: wants a login", "http", kHttps,
       answer_connect("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n"),
       "user name and password: it wants them"},
      {"forwarded: wants a login", "http", kHttp,
       answer_connect("HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n"),
       "user name and password: it wants them"},
      {"CONNECT: TLS instead", "http", kHttps, answer_connect("\x15\x03\x01\x00\x02\x02\x46\x00"s),
       "does not answer as an HTTP proxy"},
      {"TLS to a plain proxy", "https", kHttps,
       [](ProxyConnection& peer) { peer.send("HTTP/1.1 400 No\r\n\r\n"); },
       "proxy failed: TLS handshake"},
      {"the tunnel is closed at once", "socks5", kHttps, answer_socks5(kSocks5Open),
       "TLS handshake with the origin failed"},
      {"the tunnel leads to no HTTP", "socks5", kHttp,
       answer_socks5(kSocks5Open + "garbage\r\n\r\n"), "not valid HTTP"},
  }));
  INFO(row.why);
  ScriptedProxy bad(row.script);
  const auto sluice = through(bad.url(row.scheme));
  const auto response = sluice.fetch(kStream, row.url);
  check_error(response, 502, row.words);
  CHECK(response.body.find(std::to_string(bad.port())) == std::string::npos);
  CHECK(bad.connection_count() >= 1);
}

TEST_CASE("A proxy that hangs costs dial_timeout, whatever it hangs in",
          "[upstream][integration]") {
  const auto row = GENERATE(values<Row>({
      {"SOCKS 5: silent", "socks5", kHttp, [](ProxyConnection& peer) { peer.hang(); }, ""},
      {"SOCKS 5: after the method", "socks5h", kHttp,
       [](ProxyConnection& peer) {
         (void)peer.read(3);
         peer.send(kSocks5Method);
         peer.hang();
       },
       ""},
      {"SOCKS 4", "socks4", kHttp, [](ProxyConnection& peer) { peer.hang(); }, ""},
      {"CONNECT", "http", kHttps, [](ProxyConnection& peer) { peer.hang(); }, ""},
      {"CONNECT: a head that drips", "http", kHttps,
       [](ProxyConnection& peer) {
         peer.drip("HTTP/1.1 200 OK\r\nX: " + std::string(12'000, 'x'));
       },
       ""},
  }));
  INFO(row.why);
  ScriptedProxy silent(row.script);
  const auto sluice = through(silent.url(row.scheme), [](app::Settings& settings) {
    settings.upstream.dial_timeout = 300ms;
  });
  const auto started = Clock::now();
  check_error(sluice.fetch(kStream, row.url), 504, "outgoing proxy did not answer in time");
  const auto took = Clock::now() - started;
  CHECK(took >= 300ms);
  CHECK(took < 5s);
}

TEST_CASE("A proxy nobody runs, or nobody knows, is a quick and clear failure",
          "[upstream][integration]") {
  const auto refusing = refuse_on_loopback();
  const auto port = bound_port(refusing);
  const std::string scheme = GENERATE("http", "https", "socks4", "socks4a", "socks5", "socks5h");
  const auto started = Clock::now();
  const auto down = through(scheme + "://127.0.0.1:" + std::to_string(port));
  check_error(down.fetch(kStream, kHttp), 502, "outgoing proxy failed: it does not accept");
  const auto unknown = through(scheme + "://no..such.name:1");
  check_error(unknown.fetch(kStream, kHttp), 502, "outgoing proxy failed: its host name");
  CHECK(Clock::now() - started < 5s);
}

TEST_CASE("A proxy's answer may come a byte at a time, or together with the tunnel's first bytes",
          "[upstream][integration]") {
  const auto body = random_bytes(200'000);
  ScriptedOrigin origin;
  origin.on("/", serve_body(body));
  // What an origin sends before it is asked must reach the HTTP parser from its first byte on.
  const std::string early =
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly";
  SECTION("a byte at a time") {
    ScriptedProxy slow([&](ProxyConnection& peer) {
      (void)peer.read(3);
      peer.drip(kSocks5Method);
      (void)peer.read(10);
      peer.drip(kSocks5Open);
      peer.tunnel_to(origin.port());
    });
    CHECK(through(slow.url("socks5")).fetch(kStream, origin.url("/")).body == body);
    CHECK(origin.request_count() == 1);
  }
  SECTION("SOCKS 5 together") {
    ScriptedProxy fast([&](ProxyConnection& peer) {
      take_socks5_request(peer);
      peer.send(kSocks5Open + early);
      (void)peer.read_head();
    });
    CHECK(through(fast.url("socks5")).fetch(kStream, kHttp).body == "early");
  }
  SECTION("SOCKS 5 with a name in its reply, together") {
    ScriptedProxy fast([&](ProxyConnection& peer) {
      take_socks5_request(peer);
      peer.send("\x05\x00\x00\x03\x03one\x00\x01"s + early);
      (void)peer.read_head();
    });
    CHECK(through(fast.url("socks5")).fetch(kStream, kHttp).body == "early");
  }
  SECTION("SOCKS 4A together") {
    ScriptedProxy fast([&](ProxyConnection& peer) {
      (void)peer.read(9 + 12);
      peer.send("\x00\x5a\x00\x00\x00\x00\x00\x00"s + early);
      (void)peer.read_head();
    });
    CHECK(through(fast.url("socks4a")).fetch(kStream, "http://origin.test/").body == "early");
  }
}

}  // namespace sluice::test
