#include "sluice/upstream/fetch_plan.hpp"

#include <string>

#include "support/catch.hpp"

namespace sluice::upstream {
namespace {

using namespace std::chrono_literals;

Url url(std::string_view text) {
  return Url::parse(text).value();
}

FetchPlan::Step send(std::string_view text, bool fresh, bool drop_credentials) {
  return FetchPlan::Send{url(text), fresh, drop_credentials, {}};
}

FetchPlan::Limits without_retries(unsigned max_redirects) {
  return {max_redirects, 0, {}};
}

FetchPlan::Limits with_retries(unsigned retries) {
  return {10, retries, 500ms};
}

FetchPlan::Step again_after(Clock::duration pause, bool fresh) {
  return FetchPlan::Send{url("http://a.test/x"), fresh, false, pause};
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
  const FetchPlan plan(url("http://a.test/x"), without_retries(10));
  CHECK(plan.next() == FetchPlan::Send{url("http://a.test/x"), false, false, {}});
}

TEST_CASE("FetchPlan delivers whatever is no redirect", "[upstream][unit]") {
  for (const unsigned status : {200u, 204u, 206u, 300u, 304u, 305u, 306u, 399u, 404u, 416u, 503u}) {
    INFO("status " << status);
    FetchPlan plan(url("http://a.test/x"), without_retries(10));
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
  FetchPlan plan(url(row.from), without_retries(10));
  CHECK(plan.answered(302, row.location) == send(row.to, false, row.dropped));
}

TEST_CASE("FetchPlan does not give credentials back when a chain returns", "[upstream][unit]") {
  FetchPlan plan(url("https://a.test/"), without_retries(10));
  CHECK(plan.answered(302, "https://b.test/") == send("https://b.test/", false, true));
  CHECK(plan.answered(302, "https://a.test/") == send("https://a.test/", false, true));
  CHECK(plan.answered(302, "/again") == send("https://a.test/again", false, true));
}

TEST_CASE("FetchPlan counts redirects", "[upstream][unit]") {
  FetchPlan plan(url("http://a.test/0"), without_retries(3));
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
  FetchPlan plan(url("http://a.test/"), without_retries(10));
  CHECK(plan.answered(302, row.location) == fail(Errc::bad_redirect));
}

TEST_CASE("FetchPlan sends again once when a pooled connection was dead", "[upstream][unit]") {
  FetchPlan plan(url("http://a.test/x"), without_retries(10));
  CHECK(plan.failed(stale()) == send("http://a.test/x", true, false));
  CHECK(plan.failed(stale()) == FetchPlan::Step(FetchPlan::Fail{stale()}));
}

TEST_CASE("FetchPlan may send again once per hop", "[upstream][unit]") {
  FetchPlan plan(url("http://a.test/x"), without_retries(10));
  CHECK(plan.failed(stale()) == send("http://a.test/x", true, false));
  CHECK(plan.answered(302, "http://b.test/y") == send("http://b.test/y", false, true));
  CHECK(plan.failed(stale()) == send("http://b.test/y", true, true));
  CHECK(plan.failed(stale()) == FetchPlan::Step(FetchPlan::Fail{stale()}));
}

TEST_CASE("FetchPlan asks again where it may help, as often as allowed", "[upstream][unit]") {
  FetchPlan plan(url("http://a.test/x"), with_retries(2));
  const auto lost = upstream_error(Errc::connection_lost, "reset", Retry::always);
  SECTION("a lost connection") {
    CHECK(plan.failed(lost) == again_after(500ms, true));
    CHECK(plan.failed(lost) == again_after(500ms, true));
    CHECK(plan.failed(lost) == FetchPlan::Step(FetchPlan::Fail{lost}));
  }
  SECTION("a dead pooled connection does not count") {
    CHECK(plan.failed(stale()) == again_after(0ms, true));
    CHECK(plan.failed(lost) == again_after(500ms, true));
    CHECK(plan.failed(lost) == again_after(500ms, true));
    CHECK(plan.failed(lost) == FetchPlan::Step(FetchPlan::Fail{lost}));
  }
  SECTION("troubles of a gateway, the last of which is the answer") {
    const auto status = GENERATE(502u, 503u, 504u);
    CHECK(plan.answered(status, {}) == again_after(500ms, false));
    CHECK(plan.failed(lost) == again_after(500ms, true));
    CHECK(plan.answered(status, {}) == FetchPlan::Step(FetchPlan::Deliver{}));
  }
  SECTION("over all hops") {
    CHECK(plan.answered(503, {}) == again_after(500ms, false));
    CHECK(plan.answered(302, "/x") == again_after(0ms, false));
    CHECK(plan.answered(503, {}) == again_after(500ms, false));
    CHECK(plan.answered(503, {}) == FetchPlan::Step(FetchPlan::Deliver{}));
  }
  SECTION("no sooner than the origin wants, if that is soon") {
    CHECK(plan.answered(503, {}, "1") == again_after(1s, false));
    CHECK(plan.answered(503, {}, " 0 ") == again_after(500ms, false));
  }
  SECTION("never other statuses") {
    const auto status = GENERATE(401u, 403u, 404u, 410u, 416u, 429u, 500u, 501u, 505u, 509u);
    CHECK(plan.answered(status, {}) == FetchPlan::Step(FetchPlan::Deliver{}));
  }
  SECTION("nor when the origin wants a longer pause") {
    const auto* retry_after = GENERATE("2", "120", "Wed, 21 Oct 2015 07:28:00 GMT", "-1", "soon");
    CHECK(plan.answered(503, {}, retry_after) == FetchPlan::Step(FetchPlan::Deliver{}));
  }
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
  FetchPlan plan(url("http://a.test/x"), without_retries(10));
  CHECK(plan.failed(row.error) == FetchPlan::Step(FetchPlan::Fail{row.error}));
}

}  // namespace sluice::upstream
