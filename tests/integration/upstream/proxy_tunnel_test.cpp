#include <mutex>
#include <string>

#include "integration/upstream/error_reply.hpp"
#include "integration/upstream/outgoing_proxy.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/scripted_origin.hpp"
#include "support/temp_dir.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";
const CertificateNames kLocal{{"localhost"}, {"127.0.0.1"}};

/// A certificate authority that Sluice trusts.
struct Trust {
  Trust() : file(folder.write("ca.pem", ca.certificate_pem()).string()) {}

  TestCa ca;
  TempDir folder;
  std::string file;
};

const Trust& the_trust() {
  static const Trust trust;
  return trust;
}

OriginOptions https(KeyedCertificate certificate) {
  OriginOptions options;
  options.tls = std::move(certificate);
  options.host = "localhost";
  return options;
}

/// What proxies were sent, by connection.
class Heard {
 public:
  void add(std::string bytes) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(bytes));
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// An HTTP proxy that knows one origin.
ScriptedProxy::Script connect_to(std::uint16_t port, Heard& heard) {
  return [port, &heard](ProxyConnection& peer) {
    heard.add(peer.read_head());
    peer.send("HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n");
    peer.tunnel_to(port);
  };
}

}  // namespace

TEST_CASE("An https origin is fetched through CONNECT, and the connection is used again",
          "[upstream][integration]") {
  const auto& trust = the_trust();
  const auto body = random_bytes(3'000'000);
  ScriptedOrigin origin(https(trust.ca.issue(kLocal)));
  origin.on("/", serve_body(body));
  Heard heard;
  const bool tls = GENERATE(false, true);
  INFO((tls ? "TLS inside TLS" : "plain proxy"));
  ScriptedProxy proxy(connect_to(origin.port(), heard),
                      tls ? std::optional(trust.ca.issue(kLocal)) : std::nullopt);
  const auto sluice = through(proxy.url(tls ? "https" : "http", "me:hunter%32"),
                              [&](auto& settings) { settings.upstream.ca_file = trust.file; });
  for (int turn = 0; turn < 3; ++turn) {
    const auto response = sluice.fetch(kStream, origin.url("/"));
    INFO(response.problem);
    CHECK(response.complete);
    CHECK(sha256_hex(response.body) == sha256_hex(body));
  }
  const auto part =
      sluice.fetch(kStream, origin.url("/"), {}, {{"Range", "bytes=1000000-1000099"}});
  CHECK(part.status == 206);
  CHECK(part.body == body.substr(1'000'000, 100));
  const auto authority = origin.authority();
  CHECK(heard.all() == std::vector{"CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority +
                                   "\r\nProxy-Authorization: Basic bWU6aHVudGVyMg==\r\n\r\n"});
  for (const auto& request : origin.requests()) {
    CHECK(request.target == "/");
    CHECK(request.headers["Proxy-Authorization"].empty());
  }
  CHECK(origin.connections().at(0).tls_server_name == "localhost");
}

TEST_CASE("TLS inside TLS carries chunks of every size and an idle tunnel's end",
          "[upstream][integration]") {
  const auto& trust = the_trust();
  const auto body = random_bytes(500'000);
  ScriptedOrigin origin(https(trust.ca.issue(kLocal)));
  origin.on("/", chunked(body, {1, 2, 5000, 16384, 70'000}));
  origin.on("/stale", close_after_response(status(200, {}, "stale")));
  Heard heard;
  ScriptedProxy proxy(connect_to(origin.port(), heard), trust.ca.issue(kLocal));
  const auto sluice =
      through(proxy.url("https"), [&](auto& settings) { settings.upstream.ca_file = trust.file; });
  for (int turn = 0; turn < 3; ++turn) {
    CHECK(sha256_hex(sluice.fetch(kStream, origin.url("/")).body) == sha256_hex(body));
    CHECK(sluice.fetch(kStream, origin.url("/stale")).body == "stale");
    CHECK(origin.wait_for_open_connections(0));
  }
  CHECK(heard.all().size() == 3);
}

TEST_CASE("An http origin is asked in absolute-form on connections that stay open",
          "[upstream][integration]") {
  ScriptedOrigin proxy;
  proxy.on("http://origin.test/path", status(200, {}, "forwarded"));
  proxy.on("http://origin.test:8080/", status(200, {}, "port"));
  const auto sluice =
      through("http://me:secret@localhost:" + std::to_string(proxy.port()),
              [](auto& settings) { settings.upstream.reach = upstream::Reach::lan; });
  CHECK(sluice.fetch(kStream, "http://u:p@Origin.test/path?q=%2F").body == "forwarded");
  CHECK(sluice.fetch(kStream, "http://origin.test/path?q=%2F").body == "forwarded");
  CHECK(sluice.fetch(kStream, "http://origin.test:8080").body == "port");
  const auto requests = proxy.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].target == "http://origin.test/path?q=%2F");
  CHECK(requests[1].target == "http://origin.test/path?q=%2F");
  CHECK(requests[2].target == "http://origin.test:8080/");
  CHECK(requests[0].headers["Authorization"] == "Basic dTpw");
  for (const auto& request : requests) {
    CHECK(request.headers["Proxy-Authorization"] == "Basic bWU6c2VjcmV0");
  }
  CHECK(requests[2].headers["Host"] == "origin.test:8080");
  CHECK(requests[0].connection == requests[1].connection);
  CHECK(proxy.problems().empty());
}

TEST_CASE("A client cannot set the proxy's login", "[upstream][integration]") {
  ScriptedOrigin proxy;
  proxy.on_prefix("http://origin.test/", status(200, {}, "ok"));
  const auto url = "localhost:" + std::to_string(proxy.port());
  const auto with = through("http://me:secret@" + url);
  const auto without = through("http://" + url);
  for (const auto* sluice : {&with, &without}) {
    CHECK(sluice->fetch(kStream, "http://origin.test/", "&h_proxy-authorization=Basic%20eA").body ==
          "ok");
  }
  CHECK(proxy.requests().at(0).headers["Proxy-Authorization"] == "Basic bWU6c2VjcmV0");
  CHECK(proxy.requests().at(1).headers["Proxy-Authorization"].empty());
}

TEST_CASE("407 is the proxy's only where there is a proxy", "[upstream][integration]") {
  ScriptedOrigin server;
  server.on_prefix("/", status(407, {}, "mine"));
  server.on_prefix("http://", status(407, {}, "the proxy's"));
  const Proxy direct;
  CHECK(direct.fetch(kStream, server.url("/")).status == 407);
  const auto sluice = through("http://me:hunter2@127.0.0.1:" + std::to_string(server.port()));
  const auto response = sluice.fetch(kStream, "http://origin.test/");
  check_error(response, 502, "does not accept this server's user name and password: it refuses");
  CHECK(response.body.find("hunter2") == std::string::npos);
}

TEST_CASE("Whoever looks names up is who should", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {}, "ok"));
  struct Row {
    const char* scheme;
    std::size_t request;  ///< bytes of it
    std::string begin;    ///< how it begins, up to port or address
    std::string end;      ///< how it ends
  };
  const auto row = GENERATE(values<Row>({
      {"socks4", 9, "\x04\x01"s, "\x7f\x00\x00\x01\x00"s},
      {"socks4a", 9 + 10, "\x04\x01"s, "\x00\x00\x00\x01\x00localhost\x00"s},
      {"socks5", 10, "\x05\x01\x00\x01\x7f\x00\x00\x01"s, ""},
      {"socks5h", 7 + 9, "\x05\x01\x00\x03\x09localhost"s, ""},
  }));
  INFO(row.scheme);
  const bool five = std::string_view(row.scheme).starts_with("socks5");
  Heard heard;
  ScriptedProxy proxy([&](ProxyConnection& peer) {
    if (five) {
      (void)peer.read(3);
      peer.send(kSocks5Method);
    }
    heard.add(peer.read(row.request));
    peer.send(five ? kSocks5Open : "\x00\x5a\x00\x00\x00\x00\x00\x00"s);
    peer.tunnel_to(origin.port());
  });
  const auto sluice = through(proxy.url(row.scheme));
  const auto url = "http://localhost:" + std::to_string(origin.port()) + "/";
  // The test resolver may prefer ::1, which SOCKS 4 cannot carry and this script does not expect.
  const auto response = sluice.fetch(kStream, row.scheme == "socks5"s ? origin.url("/") : url);
  CHECK(response.body == "ok");
  REQUIRE(heard.all().size() == 1);
  CHECK(heard.all()[0].starts_with(row.begin));
  CHECK(heard.all()[0].ends_with(row.end));
}

TEST_CASE("SOCKS 5 tries the origin's next address when the proxy refuses one",
          "[upstream][integration]") {
  // "localhost" has ::1 and 127.0.0.1 on most machines; with one address there is one attempt.
  ScriptedProxy proxy([](ProxyConnection& peer) {
    (void)peer.read(3);
    peer.send(kSocks5Method);
    (void)peer.read(4);
    peer.send("\x05\x08\x00\x01"s);
  });
  const auto sluice = through(proxy.url("socks5"));
  check_error(sluice.fetch(kStream, "http://localhost:9/"), 502, "type of address");
  CHECK(proxy.connection_count() >= 1);
  CHECK(proxy.connection_count() <= 4);
}

TEST_CASE("Reach is about origins: literals always, names where Sluice looks them up",
          "[upstream][integration]") {
  struct Row {
    const char* why;
    const char* scheme;
    const char* url;
    bool refused;
  };
  const auto row = GENERATE(values<Row>({
      {"looked up here", "socks5", "http://localhost/", true},
      {"looked up here, 4", "socks4", "http://localhost/", true},
      {"address, looked up nowhere", "socks5h", "http://127.0.0.1/", true},
      {"address in old form", "socks5h", "http://127.1/", true},
      {"address as a number", "http", "http://2130706433/", true},
      {"address with a dot", "socks4a", "http://127.0.0.1./", true},
      {"IPv6 address", "http", "https://[::1]/", true},
      {"mapped address", "socks5h", "http://[::ffff:127.0.0.1]/", true},
      {"the name that is loopback everywhere", "http", "http://localhost/", true},
      {"cloud metadata", "http", "http://169.254.169.254/", true},
      {"a name the proxy looks up", "socks5h", "http://origin.test/", false},
      {"a name the proxy looks up, 4A", "socks4a", "http://origin.test/", false},
      {"a name the proxy looks up, CONNECT", "http", "https://origin.test/", false},
      {"an address within reach", "socks5h", "http://10.1.2.3/", false},
  }));
  INFO(row.why);
  ScriptedProxy proxy([](ProxyConnection&) {});  // its own loopback address is no obstacle
  const auto sluice = through(proxy.url(row.scheme), [](auto& settings) {
    settings.upstream.reach = upstream::Reach::lan;
  });
  const auto response = sluice.fetch(kStream, row.url);
  if (row.refused) {
    check_error(response, 403, "upstream.reach");
    CHECK(proxy.connection_count() == 0);
  } else {
    check_error(response, 502, "outgoing proxy failed");
    CHECK(proxy.connection_count() >= 1);
  }
}

TEST_CASE("Every redirect goes the way of its own route", "[upstream][integration]") {
  ScriptedOrigin proxy;
  ScriptedOrigin origin;
  origin.on("/start", redirect_to("http://far.test/middle"));
  proxy.on("http://far.test/middle", redirect_to(origin.url("/end")));
  origin.on("/end", status(200, {}, "arrived"));
  const Proxy sluice([&](app::Settings& settings) {
    settings.proxy.transport_routes = {
        {"all://far.test", true, "http://127.0.0.1:" + std::to_string(proxy.port())}};
  });
  CHECK(sluice.fetch(kStream, origin.url("/start")).body == "arrived");
  CHECK(origin.request_count() == 2);
  CHECK(proxy.request_count() == 1);
}

TEST_CASE("Verification is off for the route's origins and for nobody else",
          "[upstream][integration]") {
  ScriptedOrigin origin(https(self_signed(kLocal)));
  origin.on_prefix("/", status(200, {}, "ok"));
  const auto pooled = GENERATE(0u, 100u);
  INFO("pool " << pooled);
  const Proxy sluice([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.pool_max_idle_per_host = pooled;
    settings.proxy.transport_routes = {{"https://localhost/careless", true, "", false}};
  });
  // One origin under two policies: neither the connection nor the TLS session may cross over.
  for (int turn = 0; turn < 2; ++turn) {
    CHECK(sluice.fetch(kStream, origin.url("/careless")).body == "ok");
    check_error(sluice.fetch(kStream, origin.url("/careful")), 502, "self-signed certificate");
  }
  CHECK(origin.requests_to("/careful").empty());
  CHECK(origin.connections().size() == (pooled ? 3 : 4));
}

TEST_CASE("The proxy's own certificate is checked whatever its routes say",
          "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin origin(https(trust.ca.issue(kLocal)));
  origin.on("/", status(200, {}, "ok"));
  Heard heard;
  ScriptedProxy proxy(connect_to(origin.port(), heard), self_signed(kLocal));
  const auto settings_of = [&](bool verify_tls) {
    return [&, verify_tls](app::Settings& settings) {
      settings.upstream.ca_file = trust.file;
      settings.upstream.verify_tls = verify_tls;
      settings.proxy.transport_routes = {{"all://", true, proxy.url("https"), false}};
    };
  };
  const Proxy careful(settings_of(true));
  check_error(careful.fetch(kStream, origin.url("/")), 502,
              "outgoing proxy failed: its TLS certificate was refused: self-signed certificate");
  CHECK(heard.all().empty());
  const Proxy careless(settings_of(false));
  CHECK(careless.fetch(kStream, origin.url("/")).body == "ok");
}

TEST_CASE("Connections of two proxies, or two logins, are kept apart", "[upstream][integration]") {
  ScriptedOrigin one;
  ScriptedOrigin two;
  for (auto* proxy : {&one, &two}) proxy->on_prefix("http://o.test/", status(200, {}, "ok"));
  const auto url = [](const char* login, const ScriptedOrigin& proxy) {
    return "http://" + std::string(login) + "@127.0.0.1:" + std::to_string(proxy.port());
  };
  const Proxy sluice([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.proxy.transport_routes = {{"all://o.test/a", true, url("a:x", one)},
                                       {"all://o.test/b", true, url("b:x", one)},
                                       {"all://o.test/c", true, url("a:x", two)}};
  });
  for (int turn = 0; turn < 2; ++turn) {
    for (const auto* path : {"a", "b", "c"}) {
      CHECK(sluice.fetch(kStream, "http://o.test/"s + path).body == "ok");
    }
  }
  CHECK(one.connection_count() == 2);
  CHECK(two.connection_count() == 1);
  for (const auto& request : one.requests()) {
    const bool a = request.target.ends_with("/a");
    CHECK(request.headers["Proxy-Authorization"] == (a ? "Basic YTp4" : "Basic Yjp4"));
    CHECK(request.connection == (a ? 0u : 1u));
  }
}

}  // namespace sluice::test
