#include "sluice/upstream/fetch_plan.hpp"

#include <string>

#include "support/catch.hpp"

namespace sluice::upstream {
namespace {

Url url(std::string_view text) {
  return Url::parse(text).value();
}

FetchPlan::Step send(std::string_view text, bool fresh, bool drop_credentials) {
  return FetchPlan::Send{url(text), fresh, drop_credentials};
}

FetchPlan::Step fail(Errc code) {
  return FetchPlan::Fail{upstream_error(code)};
}

Error stale() {
  return upstream_error(Errc::connection_lost, "reset", Retry::on_fresh_connection);
}

}  // namespace

TEST_CASE("FetchPlan starts with the URL on any connection, credentials with it",
          "[upstream][unit]") {
  const FetchPlan plan(url("http://a.test/x"), 10);
  CHECK(plan.first() == FetchPlan::Send{url("http://a.test/x"), false, false});
}

TEST_CASE("FetchPlan delivers whatever is no redirect", "[upstream][unit]") {
  for (const unsigned status : {200u, 204u, 206u, 300u, 304u, 305u, 306u, 399u, 404u, 416u, 503u}) {
    INFO("status " << status);
    FetchPlan plan(url("http://a.test/x"), 10);
    CHECK(plan.answered(status, "http://b.test/") == FetchPlan::Step(FetchPlan::Deliver{}));
  }
}

TEST_CASE("FetchPlan keeps credentials exactly where scheme, host and port stay",
          "[upstream][unit]") {
  struct Row {
    const char* why;
    std::string from;
    std::string location;
    std::string to;
    bool dropped;
  };
  const auto row = GENERATE(values<Row>({
      {"relative", "http://a.test/x/y", "z", "http://a.test/x/z", false},
      {"same host, absolute", "https://a.test/x", "https://a.test/y", "https://a.test/y", false},
      {"case of the host is nothing", "http://a.test/", "http://A.TEST/y", "http://A.TEST/y",
       false},
      {"the default port spelled out", "https://a.test/", "https://a.test:443/y",
       "https://a.test:443/y", false},
      {"another host", "http://a.test/", "http://b.test/y", "http://b.test/y", true},
      {"scheme-relative", "https://a.test/", "//b.test/y", "https://b.test/y", true},
      {"a host below is another party", "https://a.test/", "https://x.a.test/y",
       "https://x.a.test/y", true},
      {"another port", "http://a.test/", "http://a.test:8080/y", "http://a.test:8080/y", true},
      {"https is left", "https://a.test/", "http://a.test/y", "http://a.test/y", true},
      {"https is left on the same port", "https://a.test:8443/", "http://a.test:8443/y",
       "http://a.test:8443/y", true},
      {"https is entered on the same port", "http://a.test:8443/", "https://a.test:8443/y",
       "https://a.test:8443/y", false},
      {"a last dot makes another name", "http://a.test/", "http://a.test./y", "http://a.test./y",
       true},
  }));
  INFO(row.why);
  FetchPlan plan(url(row.from), 10);
  CHECK(plan.answered(302, row.location) == send(row.to, false, row.dropped));
}

TEST_CASE("FetchPlan does not give credentials back when a chain returns", "[upstream][unit]") {
  FetchPlan plan(url("https://a.test/"), 10);
  CHECK(plan.answered(302, "https://b.test/") == send("https://b.test/", false, true));
  CHECK(plan.answered(302, "https://a.test/") == send("https://a.test/", false, true));
  CHECK(plan.answered(302, "/again") == send("https://a.test/again", false, true));
}

TEST_CASE("FetchPlan counts redirects", "[upstream][unit]") {
  FetchPlan plan(url("http://a.test/0"), 3);
  CHECK(plan.answered(301, "1") == send("http://a.test/1", false, false));
  CHECK(plan.answered(303, "2") == send("http://a.test/2", false, false));
  CHECK(plan.answered(308, "3") == send("http://a.test/3", false, false));
  SECTION("one more is too many") {
    CHECK(plan.answered(307, "4") == fail(Errc::too_many_redirects));
  }
  SECTION("an answer is none") {
    CHECK(plan.answered(404, std::nullopt) == FetchPlan::Step(FetchPlan::Deliver{}));
  }
}

TEST_CASE("FetchPlan refuses redirects that lead nowhere", "[upstream][unit]") {
  struct Row {
    const char* why;
    std::optional<std::string_view> location;
  };
  const auto row = GENERATE(values<Row>({
      {"no Location", std::nullopt},
      {"empty", ""},
      {"blank", "  \t "},
      {"another scheme", "skd://key"},
      {"no host", "https://"},
      {"bad port", "http://a.test:0/"},
  }));
  INFO(row.why);
  FetchPlan plan(url("http://a.test/"), 10);
  CHECK(plan.answered(302, row.location) == fail(Errc::bad_redirect));
}

TEST_CASE("FetchPlan sends again once when a pooled connection was dead", "[upstream][unit]") {
  FetchPlan plan(url("http://a.test/x"), 10);
  CHECK(plan.failed(stale()) == send("http://a.test/x", true, false));
  CHECK(plan.failed(stale()) == FetchPlan::Step(FetchPlan::Fail{stale()}));
}

TEST_CASE("FetchPlan may send again once per hop", "[upstream][unit]") {
  FetchPlan plan(url("http://a.test/x"), 10);
  CHECK(plan.failed(stale()) == send("http://a.test/x", true, false));
  CHECK(plan.answered(302, "http://b.test/y") == send("http://b.test/y", false, true));
  CHECK(plan.failed(stale()) == send("http://b.test/y", true, true));
  CHECK(plan.failed(stale()) == FetchPlan::Step(FetchPlan::Fail{stale()}));
}

TEST_CASE("FetchPlan fails with every other error as it came", "[upstream][unit]") {
  struct Row {
    const char* why;
    Error error;
  };
  const auto row = GENERATE(values<Row>({
      {"a fresh connection broke", upstream_error(Errc::connection_lost, "", Retry::always)},
      {"nobody listens", upstream_error(Errc::connect_failed, "", Retry::always)},
      {"the origin is slow", upstream_error(Errc::first_byte_timeout)},
      {"the answer is no HTTP", upstream_error(Errc::bad_response)},
      {"the address is refused", client_error(Errc::address_refused)},
      {"the client left", client_error(Errc::client_gone)},
  }));
  INFO(row.why);
  FetchPlan plan(url("http://a.test/x"), 10);
  CHECK(plan.failed(row.error) == FetchPlan::Step(FetchPlan::Fail{row.error}));
}

}  // namespace sluice::upstream
