#include "sluice/dash/template.hpp"

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::dash;

TEST_CASE("UrlTemplate fills in what it knows and keeps the rest", "[dash][unit]") {
  struct Row {
    const char* why;
    std::string_view text, expanded;
  };
  const TemplateValues values{"video 1", 2'500'000, 42, UINT64_MAX, 7};
  const Row rows[] = {
      {"nothing to do", "seg.m4s", "seg.m4s"},
      {"empty", "", ""},
      {"every identifier", "$RepresentationID$/$Bandwidth$/$Number$/$Time$/$SubNumber$",
       "video 1/2500000/42/18446744073709551615/7"},
      {"width", "$Number%05d$", "00042"},
      {"width of one digit", "$Number%01d$", "42"},
      {"width of two digits", "$Number%012d$", "000000000042"},
      {"value wider than its field", "$Bandwidth%03d$", "2500000"},
      {"width of all numbers", "$Time%021d$-$Bandwidth%08d$-$SubNumber%02d$",
       "018446744073709551615-02500000-07"},
      {"adjacent", "$Number$$Number$", "4242"},
      {"dollar", "a$$b", "a$b"},
      {"dollars around an identifier", "$$$Number$$$", "$42$"},
      {"unknown identifier", "$Foo$-$Number$", "$Foo$-42"},
      {"case counts", "$number$", "$number$"},
      {"no width for the id", "$RepresentationID%05d$", "$RepresentationID%05d$"},
      {"other formats", "$Number%5d$ $Number%05x$ $Number%0d$ $Number%d$",
       "$Number%5d$ $Number%05x$ $Number%0d$ $Number%d$"},
      {"absurd width", "$Number%01000000000d$", "$Number%01000000000d$"},
      {"percent signs elsewhere", "%20$Number$%2F", "%2042%2F"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const auto parsed = UrlTemplate::parse(row.text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->expand(values) == row.expanded);
  }
}

TEST_CASE("UrlTemplate keeps identifiers that have no value", "[dash][unit]") {
  const auto parsed = UrlTemplate::parse("$RepresentationID$-$Number%05d$-$Time$").value();
  CHECK(parsed.expand({"id", 1, {}, {}, {}}) == "id-$Number%05d$-$Time$");
}

TEST_CASE("UrlTemplate refuses a dollar sign without its partner", "[dash][unit]") {
  for (const char* text : {"$", "a$Number", "$Number$$", "$$$", "$Foo$ $"}) {
    INFO(text);
    const auto parsed = UrlTemplate::parse(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == Errc::bad_manifest);
  }
}
