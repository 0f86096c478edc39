#include "sluice/access/password.hpp"

#include <string>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::access;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

http::HeaderList headers_of(const Fields& fields) {
  http::HeaderList headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return headers;
}

}  // namespace

TEST_CASE("Password lets everybody in when it is empty", "[access][unit]") {
  const Password none("");
  CHECK_FALSE(none.required());
  CHECK(none.matches(""));
  CHECK(none.matches("anything"));
  CHECK(none.allows(Query::parse("api_password=x"), headers_of({})));
}

TEST_CASE("Password compares every byte", "[access][unit]") {
  using namespace std::string_literals;
  const Password password("secret");
  CHECK(password.required());
  CHECK(password.matches("secret"));
  for (const auto& wrong : {""s, "secre"s, "secret "s, "Secret"s, "secret\0"s, "terces"s}) {
    CAPTURE(wrong);
    CHECK_FALSE(password.matches(wrong));
  }
  const Password with_nul("a\0b"s);
  CHECK(with_nul.matches("a\0b"s));
  CHECK_FALSE(with_nul.matches("a\0c"s));
}

TEST_CASE("Password is taken from query, header and bearer token", "[access][unit]") {
  struct Row {
    const char* why;
    std::string query;
    Fields headers;
    bool allowed;
  };
  const Row rows[] = {
      {"nothing", "", {}, false},
      {"query", "a=b&api_password=se+cret", {}, true},
      {"escaped in the query", "api_password=se%20cret", {}, true},
      {"wrong in the query", "api_password=x", {}, false},
      {"last in the query counts", "api_password=x&api_password=se+cret", {}, true},
      {"not the last in the query", "api_password=se+cret&api_password=x", {}, false},
      {"other parameter", "password=se+cret", {}, false},
      {"header", "", {{"api_password", "se cret"}}, true},
      {"header in capitals", "", {{"Api_Password", "se cret"}}, true},
      {"header is not decoded", "", {{"api_password", "se+cret"}}, false},
      {"header with hyphen", "", {{"api-password", "se cret"}}, false},
      {"bearer", "", {{"Authorization", "Bearer se cret"}}, true},
      {"bearer in any case, white space", "", {{"authorization", "BEARER   se cret"}}, true},
      {"wrong bearer", "", {{"Authorization", "Bearer se"}}, false},
      {"scheme only", "", {{"Authorization", "Bearer"}}, false},
      {"other scheme", "", {{"Authorization", "Basic se cret"}}, false},
      {"scheme and token in one", "", {{"Authorization", "Bearerse cret"}}, false},
      {"one of three",
       "api_password=x",
       {{"api_password", "y"}, {"Authorization", "bearer se cret"}},
       true},
      {"none of three",
       "api_password=x",
       {{"api_password", "y"}, {"Authorization", "bearer z"}},
       false},
  };
  const Password password("se cret");
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(password.allows(Query::parse(row.query), headers_of(row.headers)) == row.allowed);
  }
}
