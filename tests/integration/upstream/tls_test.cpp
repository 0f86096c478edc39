#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/temp_dir.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";

/// A certificate authority that the proxies of these tests trust. One for all, because the rows of
/// a table are made once, but its test runs once for each.
struct Trust {
  Trust() : file(folder.write("ca.pem", ca.certificate_pem()).string()) {}

  [[nodiscard]] Proxy proxy(const std::function<void(upstream::Settings&)>& change = {}) const {
    return Proxy([&](app::Settings& settings) {
      settings.server.workers = 1;
      settings.upstream.ca_file = file;
      if (change) change(settings.upstream);
    });
  }

  TestCa ca;
  TempDir folder;
  std::string file;
};

const Trust& the_trust() {
  static const Trust trust;
  return trust;
}

OriginOptions origin_with(KeyedCertificate certificate, std::string host = "localhost") {
  OriginOptions options;
  options.tls = std::move(certificate);
  options.host = std::move(host);
  return options;
}

const CertificateNames kLocal{{"localhost"}, {"127.0.0.1"}};

}  // namespace

TEST_CASE("An https origin is fetched when its certificate is good", "[upstream][integration]") {
  const auto& trust = the_trust();
  const auto body = random_bytes(8 * 1024 * 1024);
  struct Row {
    const char* why;
    CertificateNames names;
    std::string host;
    std::string server_name;  ///< sent before the handshake; never an address (RFC 6066, 3)
  };
  const auto row = GENERATE(values<Row>({
      {"by name", {{"localhost"}, {}}, "localhost", "localhost"},
      {"one name of several", {{"a.test", "localhost"}, {}}, "localhost", "localhost"},
      {"name in capitals", {{"localhost"}, {}}, "LOCALHOST", "localhost"},
      {"by address", {{}, {"127.0.0.1"}}, "127.0.0.1", ""},
  }));
  INFO(row.why);
  ScriptedOrigin origin(origin_with(trust.ca.issue(row.names), row.host));
  origin.on("/", serve_body(body));
  origin.on("/chunked", chunked(body, {1, 5000, 70'000}));
  const auto proxy = trust.proxy();
  for (const auto* path : {"/", "/chunked"}) {
    const auto response = proxy.fetch(kStream, origin.url(path));
    CHECK(response.complete);
    CHECK(sha256_hex(response.body) == sha256_hex(body));
  }
  CHECK(origin.connection_count() == 1);
  CHECK(origin.connections().at(0).tls_server_name == row.server_name);
}

TEST_CASE("An https origin over IPv6 is fetched by its address", "[upstream][integration]") {
  const auto& trust = the_trust();
  auto options = origin_with(trust.ca.issue({{}, {"::1"}}), "");
  options.ipv6 = true;
  ScriptedOrigin origin(options);
  origin.on("/", status(200, {}, "six"));
  CHECK(trust.proxy().fetch(kStream, origin.url("/")).body == "six");
}

TEST_CASE("A certificate that proves nothing is refused, and the reply says why",
          "[upstream][integration]") {
  const auto& trust = the_trust();
  const TestCa unknown("Another CA");
  struct Row {
    const char* why;
    KeyedCertificate certificate;
    std::string host;
    std::string words;
  };
  const auto row = GENERATE_REF(values<Row>({
      {"another name", trust.ca.issue({{"elsewhere.test"}, {}}), "localhost", "hostname mismatch"},
      {"name of a host below", trust.ca.issue({{"www.localhost"}, {}}), "localhost",
       "hostname mismatch"},
      {"wildcard for hosts below", trust.ca.issue({{"*.localhost"}, {}}), "localhost",
       "hostname mismatch"},
      {"another address", trust.ca.issue({{}, {"127.0.0.2"}}), "127.0.0.1", "IP address mismatch"},
      {"a name for an address", trust.ca.issue({{"localhost"}, {}}), "127.0.0.1",
       "IP address mismatch"},
      {"an address for a name", trust.ca.issue({{}, {"127.0.0.1"}}), "localhost",
       "hostname mismatch"},
      {"an address written as a name", trust.ca.issue({{"127.0.0.1"}, {}}), "127.0.0.1",
       "IP address mismatch"},
      {"expired", trust.ca.issue(kLocal, kExpired), "localhost", "certificate has expired"},
      {"not yet valid", trust.ca.issue(kLocal, kNotYetValid), "localhost",
       "certificate is not yet valid"},
      {"signed by itself", self_signed(kLocal), "localhost", "self-signed certificate"},
      {"signed by somebody unknown", unknown.issue(kLocal), "localhost",
       "unable to get local issuer certificate"},
  }));
  INFO(row.why);
  ScriptedOrigin origin(origin_with(row.certificate, row.host));
  origin.on("/", status(200, {}, "secret"));
  const auto refusing = trust.proxy();
  const auto response = refusing.fetch(kStream, origin.url("/"));
  check_error(response, 502, "TLS certificate was refused: " + row.words);
  CHECK(origin.request_count() == 0);

  const auto careless = trust.proxy([](auto& settings) { settings.verify_tls = false; });
  CHECK(careless.fetch(kStream, origin.url("/")).body == "secret");
}

TEST_CASE("The system's certificates do not vouch for a private CA", "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin origin(origin_with(trust.ca.issue(kLocal)));
  const auto proxy = trust.proxy([](auto& settings) { settings.ca_file.clear(); });
  check_error(proxy.fetch(kStream, origin.url("/")), 502, "unable to get local issuer certificate");
}

TEST_CASE("Trusted certificates that cannot be read are our fault, not the origin's",
          "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin origin(origin_with(trust.ca.issue(kLocal)));
  const auto proxy = trust.proxy([&](auto& settings) {
    settings.ca_file = trust.folder.write("bad.pem", "no certificate").string();
  });
  const auto response = proxy.fetch(kStream, origin.url("/"));
  check_error(response, 500, "Internal error");
  CHECK(response.body.find("bad.pem") == std::string::npos);
}

TEST_CASE("A redirect to an https origin is checked as well", "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin good(origin_with(trust.ca.issue(kLocal)));
  ScriptedOrigin bad(origin_with(self_signed(kLocal)));
  good.on("/here", redirect_to(bad.url("/there")));
  bad.on("/there", status(200));
  check_error(trust.proxy().fetch(kStream, good.url("/here")), 502, "self-signed certificate");
  CHECK(bad.request_count() == 0);
}

TEST_CASE("TLS sessions are resumed", "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin origin(origin_with(trust.ca.issue(kLocal)));
  origin.on("/", status(200, {}, "ok"));
  const auto proxy = trust.proxy([](auto& settings) { settings.pool_max_idle_per_host = 0; });
  for (int turn = 0; turn < 3; ++turn) {
    CHECK(proxy.fetch(kStream, origin.url("/")).body == "ok");
  }
  const auto connections = origin.connections();
  REQUIRE(connections.size() == 3);
  CHECK_FALSE(connections[0].tls_session_reused);
  CHECK(connections[1].tls_session_reused);
  CHECK(connections[2].tls_session_reused);
}

TEST_CASE("A resumed session does not excuse a wrong host name", "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin origin(origin_with(trust.ca.issue({{"localhost"}, {}})));
  origin.on("/", status(200, {}, "ok"));
  const auto proxy = trust.proxy([](auto& settings) { settings.pool_max_idle_per_host = 0; });
  CHECK(proxy.fetch(kStream, origin.url("/")).body == "ok");
  check_error(proxy.fetch(kStream, "https://127.0.0.1:" + std::to_string(origin.port()) + "/"), 502,
              "IP address mismatch");
}

TEST_CASE("Plain HTTP on a TLS port and TLS on a plain port fail with a reason",
          "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin plain;
  ScriptedOrigin secure(origin_with(trust.ca.issue(kLocal)));
  const auto proxy = trust.proxy();
  check_error(proxy.fetch(kStream, "https://localhost:" + std::to_string(plain.port()) + "/"), 502,
              "TLS handshake with the origin failed: ");
  const auto response =
      proxy.fetch(kStream, "http://localhost:" + std::to_string(secure.port()) + "/");
  CHECK(response.complete);
  CHECK(response.status == 502);
}

TEST_CASE("A TLS body that ends without close_notify may be cut", "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin origin(origin_with(trust.ca.issue(kLocal)));
  origin.on("/notified", until_close("whole"));
  origin.on("/abrupt", [](const OriginRequest&, Connection& connection) {
    connection.send_head(200);
    connection.send("whole?");
    connection.close_abruptly();
  });
  origin.on("/known", [](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", "5"}});
    connection.send("whole");
    connection.close_abruptly();
  });
  const auto proxy = trust.proxy();
  const auto notified = proxy.fetch(kStream, origin.url("/notified"));
  CHECK(notified.complete);
  CHECK(notified.body == "whole");
  const auto abrupt = proxy.fetch(kStream, origin.url("/abrupt"));
  CHECK_FALSE(abrupt.complete);
  CHECK_FALSE(abrupt.timed_out);
  const auto known = proxy.fetch(kStream, origin.url("/known"));
  CHECK(known.complete);
  CHECK(known.body == "whole");
}

TEST_CASE("Pooled TLS connections are reused, dropped and replaced like plain ones",
          "[upstream][integration]") {
  const auto& trust = the_trust();
  ScriptedOrigin origin(origin_with(trust.ca.issue(kLocal)));
  origin.on("/", serve_body(random_bytes(100'000)));
  origin.on("/stale", close_after_response(status(200, {}, "stale")));
  origin.on("/dying", drop_next_request(status(200, {}, "dying")));
  const auto proxy = trust.proxy();
  for (int turn = 0; turn < 3; ++turn) {
    CHECK(proxy.fetch(kStream, origin.url("/")).complete);
  }
  CHECK(origin.connection_count() == 1);
  CHECK(proxy.fetch(kStream, origin.url("/stale")).body == "stale");
  CHECK(origin.wait_for_open_connections(0));
  CHECK(proxy.fetch(kStream, origin.url("/dying")).body == "dying");
  CHECK(proxy.fetch(kStream, origin.url("/")).complete);
  CHECK(origin.requests_to("/").size() == 5);
  CHECK(origin.connection_count() == 3);
}

}  // namespace sluice::test
