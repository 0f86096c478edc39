#include <string>

#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

/// A proxy that asks these paths of `origin`, in their order.
auto asking(const ScriptedOrigin& origin, std::vector<std::string> paths,
            std::chrono::milliseconds ttl = std::chrono::minutes(5)) {
  std::string services;
  for (const auto& path : paths) services += (services.empty() ? "" : ", ") + origin.url(path);
  return [services, ttl](app::Settings& settings) {
    settings.public_ip.services = services;
    settings.public_ip.cache_ttl = ttl;
    settings.upstream.retry_attempts = 0;
  };
}

}  // namespace

TEST_CASE("/proxy/ip understands each service and asks once", "[routes][integration]") {
  struct Row {
    const char* why;
    const char* answer;
    const char* ip;
  };
  const auto row = GENERATE(values<Row>({
      {"ipify", R"({"ip":"203.0.113.9"})", "203.0.113.9"},
      {"ipinfo", R"({"ip": "203.0.113.9", "city": "X"})", "203.0.113.9"},
      {"httpbin", R"({"origin": "203.0.113.9, 10.0.0.1"})", "203.0.113.9"},
      {"plain text", " 203.0.113.9\n", "203.0.113.9"},
      {"IPv6", R"({"ip":"2001:DB8::1"})", "2001:db8::1"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/ip", status(200, {}, row.answer));
  const Proxy proxy(asking(origin, {"/ip"}));
  for (int i = 0; i < 5; ++i) {
    const auto response = get(proxy.port(), "/proxy/ip");
    CHECK(response.status == 200);
    CHECK(response.body == std::string(R"({"ip":")") + row.ip + "\"}");
  }
  CHECK(origin.request_count() == 1);
}

TEST_CASE("/proxy/ip asks the next service when one fails", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/error", status(500, {}, "203.0.113.1"));
  origin.on("/junk", status(200, {}, "<html>203.0.113.1</html>"));
  origin.on("/silent", [](const OriginRequest&, Connection& connection) {
    connection.pause(std::chrono::seconds(30));
  });
  origin.on("/good", status(200, {}, R"({"ip":"203.0.113.9"})"));
  const Proxy proxy(asking(origin, {"/error", "/junk", "/silent", "/good"}));
  CHECK(get(proxy.port(), "/proxy/ip").body == R"({"ip":"203.0.113.9"})");
  CHECK(origin.request_count() == 4);
}

TEST_CASE("/proxy/ip gives an old answer rather than none", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/ip", status(200, {}, R"({"ip":"203.0.113.9"})"));
  const Proxy proxy(asking(origin, {"/ip"}, std::chrono::milliseconds(0)));
  CHECK(get(proxy.port(), "/proxy/ip").status == 200);
  origin.on("/ip", status(503));
  CHECK(get(proxy.port(), "/proxy/ip").body == R"({"ip":"203.0.113.9"})");
  origin.on("/ip", status(200, {}, R"({"ip":"203.0.113.10"})"));
  CHECK(get(proxy.port(), "/proxy/ip").body == R"({"ip":"203.0.113.10"})");
}

TEST_CASE("/proxy/ip says when nobody tells, and needs the password", "[routes][integration]") {
  ScriptedOrigin origin;
  const Proxy proxy([&](app::Settings& settings) {
    asking(origin, {"/none"})(settings);
    settings.auth.api_password = "orchid";
  });
  CHECK(get(proxy.port(), "/proxy/ip").status == 403);
  const auto response = get(proxy.port(), "/proxy/ip?api_password=orchid");
  CHECK(response.status == 502);
  CHECK(response.body.find("public_ip") != std::string::npos);
}

TEST_CASE("/proxy/ip answers with the address that is set", "[routes][integration]") {
  const Proxy proxy([](app::Settings& settings) {
    settings.public_ip.address = "198.51.100.4";
    settings.public_ip.services = "http://127.0.0.1:1/";
  });
  CHECK(get(proxy.port(), "/proxy/ip").body == R"({"ip":"198.51.100.4"})");
}

}  // namespace sluice::test
