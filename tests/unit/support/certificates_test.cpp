#include "support/certificates.hpp"

#include <openssl/ssl.h>

#include <chrono>
#include <string>

#include "support/byte_stream.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_client.hpp"
#include "support/scripted_origin.hpp"
#include "support/tls_context.hpp"

namespace sluice::test {
namespace {

OriginOptions with_tls(const KeyedCertificate& certificate) {
  OriginOptions options;
  options.tls = certificate;
  return options;
}

ClientOptions believing(const std::string& ca_pem, const std::string& server_name) {
  ClientOptions options;
  options.tls = ClientTls{server_name, ca_pem};
  return options;
}

/// Why a client that trusts `ca_pem` does not talk to a server with this certificate; "" if it
/// does.
std::string refusal(const KeyedCertificate& certificate, const std::string& ca_pem,
                    const std::string& server_name) {
  ScriptedOrigin origin(with_tls(certificate));
  origin.on("/", serve_body("hello"));
  const Response response = get(origin.port(), "/", {}, believing(ca_pem, server_name));
  if (response.complete && response.body == "hello") return "";
  CHECK(response.status == 0);
  CHECK(origin.wait_for_open_connections(0));
  CHECK(origin.requests().empty());
  return response.problem;
}

}  // namespace

TEST_CASE("TestCa certificates are believed for exactly their names", "[support][unit]") {
  const TestCa ca;
  const KeyedCertificate server = ca.issue({{"localhost", "*.example.test"}, {"127.0.0.1", "::1"}});
  struct Row {
    const char* why;
    const char* name;
    bool believed;
  };
  const Row rows[] = {
      {"first DNS name", "localhost", true},
      {"wildcard covers one label", "a.example.test", true},
      {"wildcard does not cover two labels", "a.b.example.test", false},
      {"IPv4 address", "127.0.0.1", true},
      {"IPv6 address", "::1", true},
      {"another name", "example.org", false},
      {"another address", "127.0.0.2", false},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const std::string problem = refusal(server, ca.certificate_pem(), row.name);
    INFO(problem);
    CHECK(problem.empty() == row.believed);
    if (!row.believed) CHECK(problem.find("mismatch") != std::string::npos);
  }
}

TEST_CASE("Certificates that are bad in one way are refused for that", "[support][unit]") {
  const TestCa ca;
  const TestCa other("Sluice test CA 2");
  const CertificateNames names{{"localhost"}, {}};
  struct Row {
    const char* why;
    KeyedCertificate certificate;
    const char* reason;
  };
  const Row rows[] = {
      {"expired", ca.issue(names, kExpired), "expired"},
      {"not yet valid", ca.issue(names, kNotYetValid), "not yet valid"},
      {"self-signed", self_signed(names), "self-signed"},
      {"from a CA that is not trusted", other.issue(names), "unable to get local issuer"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const std::string problem = refusal(row.certificate, ca.certificate_pem(), "localhost");
    INFO(problem);
    CHECK(problem.find(row.reason) != std::string::npos);
    CHECK(refusal(row.certificate, "", "localhost").empty());
  }
}

TEST_CASE("A self-signed certificate is believed by who trusts it", "[support][unit]") {
  const KeyedCertificate server = self_signed({{"localhost"}, {}});
  CHECK(refusal(server, server.certificate_pem, "localhost").empty());
}

TEST_CASE("Certificates cannot be made for no name or a bad address", "[support][unit]") {
  const TestCa ca;
  CHECK_THROWS_WITH(ca.issue({}), Catch::Contains("no name"));
  CHECK_THROWS_WITH(ca.issue({{}, {"1.2.3"}}), Catch::Contains("IP:1.2.3"));
}

TEST_CASE("A server context needs a key that fits its certificate", "[support][unit]") {
  const TestCa ca;
  KeyedCertificate mixed = ca.issue({{"localhost"}, {}});
  mixed.key_pem = ca.issue({{"localhost"}, {}}).key_pem;
  CHECK_THROWS(make_server_context(mixed));
  CHECK_THROWS(make_server_context({"no PEM", mixed.key_pem}));
  CHECK_THROWS(make_client_context("no PEM"));
}

TEST_CASE("ScriptedOrigin notes SNI and a refused handshake", "[support][unit]") {
  const TestCa ca;
  ScriptedOrigin origin(with_tls(ca.issue({{"localhost"}, {}})));
  origin.on("/", serve_body("x"));
  CHECK(origin.url("/") == "https://127.0.0.1:" + std::to_string(origin.port()) + "/");
  CHECK(get(origin.port(), "/", {}, believing(ca.certificate_pem(), "localhost")).complete);
  CHECK_FALSE(get(origin.port(), "/", {}, believing(ca.certificate_pem(), "no.test")).complete);
  REQUIRE(origin.connection_count() == 2);
  CHECK(eventually([&] { return !origin.connections()[1].tls_error.empty(); }));
  const auto connections = origin.connections();
  CHECK(connections[0].tls_server_name == "localhost");
  CHECK(connections[0].tls_error.empty());
  INFO(connections[1].tls_error);
  CHECK(connections[1].tls_error.find("alert") != std::string::npos);
}

TEST_CASE("ScriptedOrigin notes a resumed TLS session", "[support][unit]") {
  const TestCa ca;
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  CAPTURE(version);
  ScriptedOrigin origin(with_tls(ca.issue({{"localhost"}, {}})));
  origin.on("/", serve_body("x"));
  const SslContextPtr context = make_client_context(ca.certificate_pem());
  REQUIRE(SSL_CTX_set_max_proto_version(context.get(), version) == 1);
  SSL_SESSION* session = nullptr;
  for (int round = 0; round < 2; ++round) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    ByteStream stream(connect_to_loopback(origin.port(), false, 0, deadline));
    REQUIRE(stream.connect_tls(context.get(), "localhost", deadline, session) == IoStatus::ok);
    REQUIRE(stream.write_all(request_bytes(origin.port(), "GET", "/"), deadline).status ==
            IoStatus::ok);
    char first = 0;
    // Tickets come before the first bytes of the answer.
    REQUIRE(stream.read_some(&first, 1, deadline).status == IoStatus::ok);
    SSL_SESSION_free(session);
    session = SSL_get1_session(stream.ssl());
    stream.close();
  }
  SSL_SESSION_free(session);
  const auto connections = origin.connections();
  REQUIRE(connections.size() == 2);
  CHECK_FALSE(connections[0].tls_session_reused);
  CHECK(connections[1].tls_session_reused);
  CHECK(connections[0].tls_server_name == "localhost");
  CHECK(connections[1].tls_server_name == "localhost");
}

TEST_CASE("A TLS body that ends with the connection is cut without close_notify",
          "[support][unit]") {
  const TestCa ca;
  ScriptedOrigin origin(with_tls(ca.issue({{"localhost"}, {}})));
  origin.on("/whole", until_close("all of it"));
  origin.on("/cut", [](const OriginRequest&, Connection& connection) {
    connection.send_head(200);
    connection.send("all of it");
    connection.close_abruptly();
  });
  const ClientOptions options = believing(ca.certificate_pem(), "localhost");
  const Response whole = get(origin.port(), "/whole", {}, options);
  CHECK(whole.body == "all of it");
  CHECK(whole.complete);
  const Response cut = get(origin.port(), "/cut", {}, options);
  CHECK(cut.body == "all of it");
  CHECK_FALSE(cut.complete);
}

}  // namespace sluice::test
