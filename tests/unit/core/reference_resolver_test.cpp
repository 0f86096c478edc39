#include "sluice/core/reference_resolver.hpp"

#include <array>

#include "support/catch.hpp"

using namespace sluice;

TEST_CASE("ReferenceResolver resolves as Url does", "[core][unit]") {
  constexpr std::array kBases = {"https://cdn.example/live/ch1/index.m3u8?sess=1/2",
                                 "http://h",
                                 "http://h?q/r",
                                 "http://u:p@h:81/a/../b/./c.m3u8",
                                 "http://[::1]:8/.well-known/x",
                                 "http://h/a//b//"};
  constexpr std::array kReferences = {"seg-1.ts",
                                      "dir/seg-1.ts?x=1&y=a/../b",
                                      "./seg.ts",
                                      "../seg.ts",
                                      "a/./b",
                                      "a/..",
                                      "a/.hidden",
                                      "..",
                                      ".hidden",
                                      "?q",
                                      "",
                                      "#f",
                                      "a#f",
                                      "/abs.ts",
                                      "/a/../abs.ts",
                                      "//other/x.ts",
                                      "a:b",
                                      "a/b:c",
                                      "1:2",
                                      "skd://key",
                                      "data:text/plain,x",
                                      "http://cdn.example/x.ts",
                                      "http://cdn.example/y.ts",
                                      "http://cdn.example/a/../y.ts",
                                      "http://cdn.example/y.ts#f",
                                      "http://cdn.example/y z.ts",
                                      "http://cdn.example",
                                      "http://cdn.example?x",
                                      "http://cdn.example.evil/x.ts",
                                      "http://CDN.example/x.ts",
                                      "HTTP://cdn.example/x.ts",
                                      "http://h:0/x",
                                      "http:///x",
                                      "with blank.ts",
                                      "caf\xc3\xa9.ts",
                                      "a%2Fb+c,d.ts",
                                      "a\\b.ts"};
  for (const char* base_text : kBases) {
    const auto base = Url::parse(base_text).value();
    ReferenceResolver resolver(base);
    for (int round = 0; round < 2; ++round) {
      for (const char* reference : kReferences) {
        INFO(base_text << " + " << reference);
        const auto want = base.resolve(reference);
        const auto got = resolver.resolve(reference);
        REQUIRE(got.has_value() == want.has_value());
        if (got) CHECK(*got == want->text());
      }
    }
  }
}

TEST_CASE("ReferenceResolver refuses what is too long", "[core][unit]") {
  const auto base = Url::parse("http://h/dir/x").value();
  ReferenceResolver resolver(base);
  const auto room = Url::kMaxLength - std::string_view("http://h/dir/").size();
  CHECK(resolver.resolve(std::string(room, 'a')).has_value());
  CHECK_FALSE(resolver.resolve(std::string(room + 1, 'a')).has_value());
}

TEST_CASE("split_url finds the parts that Url has", "[core][unit]") {
  for (const char* text : {"http://h", "https://u:p@h:1/p/a.ts?x=/y?z", "http://h?q", "http://h/?",
                           "http://[::1]/a", "http://h/a:b//c"}) {
    INFO(text);
    const auto url = Url::parse(text).value();
    const auto parts = split_url(url.text());
    CHECK(parts.path == url.path());
    CHECK(parts.query == url.query());
    CHECK(url.text().starts_with(parts.authority));
    CHECK(path_extension(parts.path) == url.extension());
  }
}
