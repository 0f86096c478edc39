#include <string>

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kSecrets = "&h_authorization=Bearer+s3cret&h_cookie=id%3D7&h_x-plain=1";

OriginOptions with_tls(const TestCa& ca) {
  OriginOptions options;
  options.tls = ca.issue({{"localhost"}, {"127.0.0.1"}});
  return options;
}

Proxy trusting_proxy() {
  return Proxy([](app::Settings& settings) { settings.upstream.verify_tls = false; });
}

/// Whether the last request for `path` carried them.
void check_secrets(const ScriptedOrigin& origin, std::string_view path, bool sent) {
  const auto requests = origin.requests_to(path);
  REQUIRE_FALSE(requests.empty());
  const auto& headers = requests.back().headers;
  CHECK(headers["Authorization"] == (sent ? "Bearer s3cret" : ""));
  CHECK(headers["Cookie"] == (sent ? "id=7" : ""));
  CHECK(headers["X-Plain"] == "1");
}

}  // namespace

TEST_CASE("Credentials stay with the origin they were given for", "[upstream][integration]") {
  const TestCa ca;
  ScriptedOrigin plain;
  ScriptedOrigin other;
  ScriptedOrigin secure(with_tls(ca));
  for (auto* origin : {&plain, &other, &secure}) origin->on("/there", status(200));
  struct Row {
    const char* why;
    ScriptedOrigin& from;
    std::string location;
    ScriptedOrigin& to;
    bool kept;
  };
  const auto by_name = "http://localhost:" + std::to_string(plain.port()) + "/there";
  const Row rows[] = {
      {"relative", plain, "/there", plain, true},
      {"same origin spelled out", plain, plain.url("/there"), plain, true},
      {"same origin over TLS", secure, "/there", secure, true},
      {"another port", plain, other.url("/there"), other, false},
      {"another host name", plain, by_name, plain, false},
      {"https is left", secure, plain.url("/there"), plain, false},
      {"https on another port", plain, secure.url("/there"), secure, false},
  };
  const auto proxy = trusting_proxy();
  for (const auto& row : rows) {
    INFO(row.why);
    row.from.on("/here", redirect_to(row.location));
    CHECK(proxy.fetch("/proxy/stream", row.from.url("/here"), kSecrets).status == 200);
    check_secrets(row.from, "/here", true);
    check_secrets(row.to, "/there", row.kept);
  }
}

TEST_CASE("Credentials do not come back when a chain returns to its start",
          "[upstream][integration]") {
  ScriptedOrigin first;
  ScriptedOrigin second;
  first.on("/a", redirect_to(second.url("/b")));
  second.on("/b", redirect_to(first.url("/c")));
  first.on("/c", status(200));
  const Proxy proxy;
  CHECK(proxy.fetch("/proxy/stream", first.url("/a"), kSecrets).status == 200);
  check_secrets(first, "/a", true);
  check_secrets(second, "/b", false);
  check_secrets(first, "/c", false);
}

TEST_CASE("A Host header for the first party does not follow to the second",
          "[upstream][integration]") {
  ScriptedOrigin first;
  ScriptedOrigin second;
  first.on("/a", redirect_to("/b"));
  first.on("/b", redirect_to(second.url("/c")));
  second.on("/c", status(200));
  const Proxy proxy;
  CHECK(proxy.fetch("/proxy/stream", first.url("/a"), "&h_host=virtual.test").status == 200);
  CHECK(first.requests_to("/a").at(0).headers["Host"] == "virtual.test");
  CHECK(first.requests_to("/b").at(0).headers["Host"] == "virtual.test");
  CHECK(second.requests_to("/c").at(0).headers["Host"] == second.authority());
}

TEST_CASE("User and password in a URL become Basic credentials, for their origin only",
          "[upstream][integration]") {
  ScriptedOrigin first;
  ScriptedOrigin second;
  const auto with_user = [](const ScriptedOrigin& origin, std::string_view target) {
    return "http://us%40er:p%3Aw@" + origin.authority() + std::string(target);
  };
  first.on("/a", redirect_to("/b"));
  first.on("/b", redirect_to(second.url("/c")));
  second.on("/c", status(200));
  const Proxy proxy;
  SECTION("sent decoded, on every hop of the origin") {
    CHECK(proxy.fetch("/proxy/stream", with_user(first, "/a")).status == 200);
    // base64 of "us@er:p:w"
    CHECK(first.requests_to("/a").at(0).headers["Authorization"] == "Basic dXNAZXI6cDp3");
    CHECK(first.requests_to("/b").at(0).headers["Authorization"] == "Basic dXNAZXI6cDp3");
    CHECK_FALSE(second.requests_to("/c").at(0).headers.contains("Authorization"));
    CHECK(first.requests_to("/a").at(0).headers["Host"] == first.authority());
  }
  SECTION("an explicit header wins") {
    CHECK(proxy.fetch("/proxy/stream", with_user(first, "/a"), "&h_authorization=mine").status ==
          200);
    CHECK(first.requests_to("/a").at(0).headers.all("Authorization") ==
          std::vector<std::string>{"mine"});
  }
}

}  // namespace sluice::test
