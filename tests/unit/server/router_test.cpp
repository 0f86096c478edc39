#include "sluice/server/router.hpp"

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <string>

#include "sluice/net/worker.hpp"
#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::server;
using namespace std::chrono_literals;

namespace {

/// What became of a request. Its exchange has a socket that is not open: the router decides without
/// one, and what it sends goes nowhere.
struct Dispatched {
  std::string pattern;  ///< of the route that was called; empty when none was
  std::string tail;
  std::optional<Errc> error;
  unsigned status = 0;          ///< of the response begun
  std::optional<Errc> refused;  ///< what the handler was told of the check
};

struct Entry {
  std::string pattern;
  Access access;
  Methods methods = Methods::get;
};

class Harness {
 public:
  explicit Harness(const std::vector<Entry>& routes, std::string_view password = "",
                   std::string prefix = "")
      : gate_(settings_of(password)), router_(routes_of(routes), gate_, std::move(prefix)) {}

  [[nodiscard]] bool takes_body(const std::string& line) const {
    const auto request = http::parse_request_head(line + " HTTP/1.1\r\nHost: h\r\n\r\n", {});
    REQUIRE(request.has_value());
    return router_.takes_body(*request);
  }

  Dispatched dispatch(std::string_view line, std::string_view lines = "") {
    seen_ = {};
    auto request = http::parse_request_head(
        std::string(line).append(" HTTP/1.1\r\nHost: h\r\n").append(lines).append("\r\n"), {});
    REQUIRE(request.has_value());
    net::Stream client(worker_, -1);
    constexpr static bool kNotClosing = false;
    Exchange exchange(*std::move(request), {},
                      {client, 1s, "local:1", {asio::ip::address_v4::loopback()}, kNotClosing});
    std::optional<Result<>> result;
    asio::co_spawn(worker_.io(), router_.dispatch(exchange),
                   [&](const std::exception_ptr& thrown, Result<> done) {
                     CHECK_FALSE(thrown);
                     result = std::move(done);
                   });
    while (!result && worker_.io().run_one()) {
    }
    REQUIRE(result.has_value());
    if (!*result) seen_.error = result->error().code;
    seen_.status = exchange.status();
    return seen_;
  }

 private:
  static access::Settings settings_of(std::string_view password) {
    access::Settings settings;
    settings.api_password = password;
    return settings;
  }
  std::vector<Route> routes_of(const std::vector<Entry>& routes) {
    std::vector<Route> all;
    for (const auto& row : routes) {
      all.push_back({row.pattern, row.access,
                     [this, pattern = row.pattern](Exchange& exchange) -> awaitable<Result<>> {
                       return answer(*this, pattern, exchange);
                     },
                     row.methods});
    }
    return all;
  }

  static awaitable<Result<>> answer(Harness& self, std::string pattern, Exchange& exchange) {
    self.seen_.pattern = std::move(pattern);
    self.seen_.tail = exchange.path_tail();
    if (exchange.refusal()) self.seen_.refused = exchange.refusal()->code;
    co_return Result<>();
  }

  net::Worker worker_;
  access::Gate gate_;
  Router router_;
  Dispatched seen_;
};

}  // namespace

TEST_CASE("Router finds the route that says most about a path", "[server][unit]") {
  // In an order that does not help.
  Harness harness({{"/a/{rest}", Access::open},
                   {"/a", Access::open},
                   {"/a/b.{ext}", Access::open},
                   {"/a/b", Access::open},
                   {"/a/b/c", Access::open}});
  struct Row {
    const char* why;
    std::string target;
    std::string pattern;
    std::string tail;
  };
  const Row rows[] = {
      {"exact", "/a", "/a", ""},
      {"trailing slash", "/a/", "/a", ""},
      {"the query is no part of it", "/a?x=/a/b", "/a", ""},
      {"exact before a shorter pattern", "/a/b", "/a/b", ""},
      {"exact with trailing slash before a shorter pattern", "/a/b/", "/a/b", ""},
      {"longer exact", "/a/b/c", "/a/b/c", ""},
      {"rest", "/a/x", "/a/{rest}", "x"},
      {"rest with slashes", "/a/x/y/", "/a/{rest}", "x/y/"},
      {"rest is decoded", "/a/x%20y+z%2f", "/a/{rest}", "x y+z/"},
      {"rest begins as another route", "/a/bc", "/a/{rest}", "bc"},
      {"longest fixed part first", "/a/b.ts", "/a/b.{ext}", "ts"},
      {"an empty rest is none", "/a/b.", "/a/{rest}", "b."},
      {"not at all", "/b", "", ""},
      {"only a beginning", "/aa", "", ""},
      {"case matters", "/A", "", ""},
      {"escapes do not match", "/%61", "", ""},
      {"root", "/", "", ""},
      {"two slashes in front", "//a", "", ""},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto seen = harness.dispatch("GET " + row.target);
    CHECK(seen.pattern == row.pattern);
    CHECK(seen.tail == row.tail);
    CHECK((seen.error == Errc::not_found) == row.pattern.empty());
    CHECK(harness.dispatch("HEAD " + row.target).pattern == row.pattern);
  }
}

TEST_CASE("Router decides in its order: OPTIONS, path, method, password", "[server][unit]") {
  Harness harness({{"/open", Access::open}, {"/closed", Access::password}}, "secret");
  struct Row {
    const char* why;
    std::string line;
    std::string lines;
    std::string pattern;
    std::optional<Errc> error;
    unsigned status;
  };
  // client_gone: a reply was begun, and there is no client.
  const Row rows[] = {
      {"open", "GET /open", "", "/open", {}, 0},
      {"no password", "GET /closed", "", "", Errc::no_credentials, 0},
      {"wrong password", "GET /closed?api_password=x", "", "", Errc::unauthorized, 0},
      {"password in the query", "GET /closed?api_password=secret", "", "/closed", {}, 0},
      {"password in a header", "GET /closed", "api_password: secret\r\n", "/closed", {}, 0},
      {"HEAD needs it too", "HEAD /closed", "", "", Errc::no_credentials, 0},
      {"wrong method before the password", "POST /closed", "", "", Errc::client_gone, 405},
      {"unknown path before the method", "POST /nowhere", "", "", Errc::not_found, 0},
      {"unknown path before the password", "GET /nowhere", "", "", Errc::not_found, 0},
      {"OPTIONS before the password", "OPTIONS /closed", "", "", Errc::client_gone, 204},
      {"OPTIONS before the path", "OPTIONS /nowhere", "", "", Errc::client_gone, 204},
      {"OPTIONS of everything", "OPTIONS *", "", "", Errc::client_gone, 204},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto seen = harness.dispatch(row.line, row.lines);
    CHECK(seen.pattern == row.pattern);
    CHECK((seen.error == row.error));
    CHECK(seen.status == row.status);
  }
}

TEST_CASE("Router answers the methods of a route and names them", "[server][unit]") {
  Harness harness({{"/get", Access::open, Methods::get},
                   {"/post", Access::open, Methods::post},
                   {"/both", Access::open, Methods::get_or_post}});
  struct Row {
    std::string line;
    bool answered;
  };
  for (const auto& row :
       {Row{"GET /get", true}, Row{"HEAD /get", true}, Row{"POST /get", false},
        Row{"GET /post", false}, Row{"HEAD /post", false}, Row{"POST /post", true},
        Row{"GET /both", true}, Row{"POST /both", true}, Row{"PUT /both", false}}) {
    INFO(row.line);
    const auto seen = harness.dispatch(row.line);
    CHECK(seen.pattern.empty() != row.answered);
    CHECK(seen.status == (row.answered ? 0U : 405U));
    CHECK(harness.takes_body(row.line) == (row.answered && row.line.starts_with("POST")));
  }
}

TEST_CASE("Router takes a prefix off, before and behind a token", "[server][unit]") {
  Harness harness({{"/a", Access::open}, {"/", Access::open}}, "", "/below");
  struct Row {
    const char* why;
    std::string target;
    std::string pattern;
  };
  const Row rows[] = {
      {"without, for proxies that take it off", "/a", "/a"},
      {"with", "/below/a", "/a"},
      {"alone", "/below", "/"},
      {"only a beginning", "/belowa", ""},
      {"twice", "/below/below/a", ""},
      {"before a token", "/below/_token_x/a", "/a"},
      {"behind a token", "/_token_x/below/a", "/a"},
      {"a token", "/_token_x/a", "/a"},
      {"a token alone", "/_token_x", "/"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(harness.dispatch("GET " + row.target).pattern == row.pattern);
  }
}

TEST_CASE("Router leaves the report of a refusal to routes that want it", "[server][unit]") {
  Harness harness({{"/reported", Access::reported}, {"/closed", Access::password}}, "secret");
  CHECK(harness.dispatch("GET /closed").error == Errc::no_credentials);
  CHECK(harness.dispatch("GET /closed?token=x").error == Errc::invalid_token);
  CHECK(harness.dispatch("GET /reported").refused == Errc::no_credentials);
  CHECK(harness.dispatch("GET /_token_x/reported").refused == Errc::invalid_token);
  CHECK_FALSE(harness.dispatch("GET /reported?api_password=secret").refused.has_value());
}
