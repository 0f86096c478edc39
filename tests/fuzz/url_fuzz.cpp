#include <cstddef>
#include <cstdint>

#include "fuzz/check.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/reference_resolver.hpp"
#include "sluice/core/url.hpp"

using namespace sluice;
using fuzz::check;

namespace {

void check_parts(const Url& url) {
  check(!has_illegal(url.text()), "a URL holds only legal characters");
  check(url.text().size() <= Url::kMaxLength, "a URL's length is bounded");
  check(url.text().find('#') == std::string::npos, "a URL has no fragment");
  check(!url.host().empty() && url.port() != 0, "a URL has a host and a port");
  check(url.host().find_first_of("/?#@\\ ") == std::string::npos, "a host ends where it should");

  const auto again = Url::parse(url.text());
  check(again.has_value() && again->text() == url.text(), "a URL's text parses to itself");
  check(again->host() == url.host() && again->port() == url.port(),
        "parts do not depend on origin");
  check(again->path() == url.path() && again->query() == url.query(), "nor do path and query");
  check(again->userinfo() == url.userinfo(), "nor does the user");

  const auto origin = Url::parse(url.origin());
  check(origin.has_value() && origin->origin() == url.origin(), "an origin is a URL");
  check(origin->host() == url.host() && origin->userinfo().empty(),
        "an origin names the host only");
  check(url.target().front() == '/', "a target starts with a slash");
  check(url.text().ends_with(url.target()) || url.path().empty(), "a target is the URL's end");
}

}  // namespace

/// Input: a URL, a line break, a reference to resolve against it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto [text, reference] = fuzz::split_line(input);
  const auto url = Url::parse(text);
  check(!(url.has_value() && has_foreign_scheme(text)), "only http and https parse");
  if (!url) return 0;
  check_parts(*url);
  check(url->resolve(url->text()).value() == *url, "a URL resolves to itself");
  check(url->resolve("").value() == *url, "the empty reference is the base");

  const auto resolved = url->resolve(reference);
  check(!(resolved.has_value() && has_foreign_scheme(reference)), "foreign schemes do not resolve");
  if (resolved) check_parts(*resolved);
  ReferenceResolver resolver(*url);
  for (int i = 0; i < 2; ++i) {  // what it has learnt changes nothing
    const auto again = resolver.resolve(reference);
    check(again.has_value() == resolved.has_value(), "both ways of resolving agree");
    check(!again || *again == resolved->text(), "and on the result");
  }
  return 0;
}
