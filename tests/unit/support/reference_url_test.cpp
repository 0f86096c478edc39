#include "support/reference_url.hpp"

#include <string>

#include "support/catch.hpp"

namespace sluice::test {

TEST_CASE("resolve_reference gives the examples of RFC 3986", "[support][unit]") {
  struct Row {
    const char* reference;
    const char* url;
  };
  // 5.4.1 and 5.4.2, without those that only differ in their fragment.
  const Row rows[] = {
      {"http:g", nullptr},  // strict, and no http URL
      {"g:h", nullptr},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const Row& row : rows) {
    INFO(row.reference);
    const auto url = resolve_reference("http://a/b/c/d;p?q", row.reference);
    CHECK(url.value_or("none") == (row.url == nullptr ? "none" : row.url));
  }
}

TEST_CASE("resolve_reference keeps bytes and refuses what is no URL", "[support][unit]") {
  struct Row {
    const char* why;
    std::string reference;
    std::string url;  ///< empty: none
  };
  const Row rows[] = {
      {"dot segments of an absolute URL stay", "http://h/a/../b", "http://h/a/../b"},
      {"and behind //", "//h/a/../b", "http://h/a/../b"},
      {"percent-encoding as it is", "%2f%2F%zz%", "http://o:1/x/%2f%2F%zz%"},
      {"illegal characters", "a b\"<\x7f\xc3\xa9|", "http://o:1/x/a%20b%22%3C%7F%C3%A9%7C"},
      {"empty query", "a?", "http://o:1/x/a?"},
      {"colon behind a digit is no scheme", "1:2.ts", "http://o:1/x/1:2.ts"},
      {"case of scheme and host", "HTTPS://H.example/", "HTTPS://H.example/"},
      {"query without path", "http://h?a/b", "http://h?a/b"},
      {"IPv6", "http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"},
      {"userinfo", "http://u:p@h/a", "http://u:p@h/a"},
      {"empty port", "http://h:/a", "http://h:/a"},
      {"zeros before a port", "http://h:0080/a", "http://h:0080/a"},
      {"port 0", "http://h:0/a", ""},
      {"port too large", "http://h:65536/a", ""},
      {"port not a number", "http://h:8o/a", ""},
      {"no host", "http:///a", ""},
      {"only a port", "http://:80/a", ""},
      {"malformed IPv6", "http://[::1::]/a", ""},
      {"text after IPv6", "http://[::1]x/a", ""},
      {"unclosed IPv6", "http://[::1/a", ""},
      {"bracket in a name", "http://a]b/a", ""},
      {"two @", "http://a@b@c/", ""},
      {"blank in the host", "http://a b/", ""},
      {"percent in the host", "http://a%20b/", ""},
      {"other scheme", "skd://a", ""},
      {"too long", std::string(65536, 'a'), ""},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(resolve_reference("http://o:1/x/y.m3u8?z", row.reference).value_or("") == row.url);
  }
  CHECK(resolve_reference("http://h", "a").value_or("") == "http://h/a");
  CHECK(resolve_reference("http://h", "?a").value_or("") == "http://h?a");
}

TEST_CASE("decode_form and encode_form are inverse", "[support][unit]") {
  CHECK(decode_form("a+b%20c%2B%2b%zz%4") == "a b c++%zz%4");
  CHECK(encode_form("a b/~\xff") == "a%20b%2F~%FF");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  CHECK(decode_form(encode_form(all)) == all);
  CHECK(parameters_of("http://h/p?a=1&b&a=%26&ba=2#a=3", "a") ==
        std::vector<std::string>{"1", "&"});
  CHECK(extension_of("http://h/x.y/a.b.TS?c.mp4") == "ts");
  CHECK(extension_of("http://h.ts").empty());
}

}  // namespace sluice::test
