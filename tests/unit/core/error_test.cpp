#include "sluice/core/error.hpp"

#include <set>
#include <stdexcept>

#include "support/catch.hpp"

using namespace sluice;

TEST_CASE("Error collects context from the inside out", "[core][unit]") {
  const Error error = upstream_error(Errc::connect_failed, "refused").in("dial").in("hls segment");
  CHECK(error.context == "hls segment: dial: refused");
  CHECK(client_error(Errc::bad_request).in("d").context == "d");
}

TEST_CASE("Error makers set whose fault it is", "[core][unit]") {
  CHECK(client_error(Errc::bad_url) == Error{Errc::bad_url, Origin::client, Retry::never, "any"});
  CHECK(upstream_error(Errc::connection_lost, "", Retry::always) ==
        Error{Errc::connection_lost, Origin::upstream, Retry::always, ""});
  CHECK(internal_error("x") == Error{Errc::internal, Origin::internal, Retry::never, ""});
  CHECK_FALSE(client_error(Errc::bad_url) == upstream_error(Errc::bad_url));
}

TEST_CASE("Errc names are distinct and known", "[core][unit]") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Errc::internal); ++i) {
    names.insert(to_string(static_cast<Errc>(i)));
  }
  CHECK(names.size() == static_cast<std::size_t>(Errc::internal) + 1);
  CHECK(names.count("unknown") == 0);
  CHECK(to_string(Errc::not_a_playlist) == "not_a_playlist");
}

TEST_CASE("Result::value on an error is a programming error", "[core][unit]") {
  const Result<int> failed = client_error(Errc::bad_request, "why");
  CHECK_THROWS_AS(failed.value(), std::logic_error);
  CHECK(Result<int>(3).value() == 3);
}
