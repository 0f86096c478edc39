#include "sluice/core/url.hpp"

#include "support/catch.hpp"

using namespace sluice;

namespace {

Url url(std::string_view text) {
  return Url::parse(text).value();
}

std::string resolved(std::string_view base, std::string_view reference) {
  const auto result = url(base).resolve(reference);
  return result ? result->text() : std::string(to_string(result.error().code));
}

}  // namespace

TEST_CASE("Url splits a URL into its parts", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view text;
    std::string userinfo, host;
    int port;
    std::string path, query, target, host_header;
  };
  const Row rows[] = {
      {"plain", "http://h/p/a.ts?x=1", "", "h", 80, "/p/a.ts", "x=1", "/p/a.ts?x=1", "h"},
      {"no path", "https://h", "", "h", 443, "", "", "/", "h"},
      {"query without path", "http://h?x", "", "h", 80, "", "x", "/?x", "h"},
      {"empty query", "http://h/?", "", "h", 80, "/", "", "/?", "h"},
      {"port", "http://h:8080/", "", "h", 8080, "/", "", "/", "h:8080"},
      {"default port is left out", "https://h:443/", "", "h", 443, "/", "", "/", "h"},
      {"other scheme's port is not", "http://h:443/", "", "h", 443, "/", "", "/", "h:443"},
      {"empty port", "http://h:/", "", "h", 80, "/", "", "/", "h"},
      {"host in capitals", "HTTP://ExAmple.COM/P", "", "example.com", 80, "/P", "", "/P",
       "example.com"},
      {"credentials", "http://u:p%40@h:1/", "u:p%40", "h", 1, "/", "", "/", "h:1"},
      {"empty credentials", "http://@h/", "", "h", 80, "/", "", "/", "h"},
      {"IPv4", "http://127.0.0.1:81/", "", "127.0.0.1", 81, "/", "", "/", "127.0.0.1:81"},
      {"IPv6", "http://[::1]/", "", "::1", 80, "/", "", "/", "[::1]"},
      {"IPv6 with port", "http://u@[FE80::A]:8/x", "u", "fe80::a", 8, "/x", "", "/x",
       "[fe80::a]:8"},
      {"colon and at in the path", "http://h/a:b@c?d=e:f@g/", "", "h", 80, "/a:b@c", "d=e:f@g/",
       "/a:b@c?d=e:f@g/", "h"},
      {"second question mark", "http://h/a?b?c", "", "h", 80, "/a", "b?c", "/a?b?c", "h"},
  };
  for (const Row& row : rows) {
    INFO(row.why << ": " << row.text);
    const Url parsed = url(row.text);
    CHECK(parsed.text() == row.text);
    CHECK(parsed.userinfo() == row.userinfo);
    CHECK(parsed.host() == row.host);
    CHECK(parsed.port() == row.port);
    CHECK(parsed.path() == row.path);
    CHECK(parsed.query() == row.query);
    CHECK(parsed.target() == row.target);
    CHECK(parsed.host_header() == row.host_header);
  }
}

TEST_CASE("Url keeps the bytes it was given", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view text, kept;
  };
  const Row rows[] = {
      {"escapes of any case, needed or not", "http://h/%2f%2F%41%zz%", "http://h/%2f%2F%41%zz%"},
      {"dot segments of an absolute URL", "http://h/a/../b/./c", "http://h/a/../b/./c"},
      {"empty segments", "http://h//a///b", "http://h//a///b"},
      {"signed query", "http://h/?s=a+b/c==&t=[1]", "http://h/?s=a+b/c==&t=[1]"},
      {"fragment is cut", "http://h/a?b#c?d#e", "http://h/a?b"},
      {"fragment right after the host", "http://h#c", "http://h"},
      {"illegal characters", "http://h/a b\t{c}?\"<>\\^`|",
       "http://h/a%20b%09%7Bc%7D?%22%3C%3E%5C%5E%60%7C"},
      {"UTF-8", "http://h/\xc3\xa4", "http://h/%C3%A4"},
      {"line break cannot enter a request", "http://h/\r\nX: y", "http://h/%0D%0AX:%20y"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(url(row.text).text() == row.kept);
  }
}

TEST_CASE("Url refuses what is no http URL", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view text;
  };
  const Row rows[] = {
      {"empty", ""},
      {"no scheme", "example.com/a"},
      {"path", "/a"},
      {"no host", "http://"},
      {"no host, path", "http:///a"},
      {"no host, port", "http://:80/"},
      {"no host, credentials", "http://u@/"},
      {"one slash", "http:/h/"},
      {"no slash", "http:h"},
      {"scheme only", "http:"},
      {"scheme name only", "https"},
      {"other scheme", "ftp://h/"},
      {"file", "file:///etc/passwd"},
      {"scheme with http in front", "httpx://h/"},
      {"leading space", " http://h/"},
      {"port zero", "http://h:0/"},
      {"port too large", "http://h:65536/"},
      {"port is no number", "http://h:8a/"},
      {"port negative", "http://h:-1/"},
      {"two ports", "http://h:1:2/"},
      {"bare IPv6", "http://::1/"},
      {"IPv6 not closed", "http://[::1/"},
      {"IPv6 not opened", "http://::1]/"},
      {"text after IPv6", "http://[::1]x/"},
      {"IPv6 with zone", "http://[fe80::1%25eth0]/"},
      {"IPv6 that is none", "http://[::g]/"},
      {"IPv4 in brackets", "http://[1.2.3.4]/"},
      {"empty brackets", "http://[]/"},
      {"two at signs", "http://good@evil@h/"},
      {"backslash reads as a slash elsewhere", "http://good\\@evil/"},
      {"space in host", "http://a b/"},
      {"tab in host", "http://a\tb/"},
      {"line break in host", "http://a\r\nb/"},
      {"percent in host", "http://a%2eb/"},
      {"quote in host", "http://a\"b/"},
      {"less-than in host", "http://a<b/"},
      {"greater-than in host", "http://a>b/"},
      {"caret in host", "http://a^b/"},
      {"backtick in host", "http://a`b/"},
      {"brace in host", "http://a{b}/"},
      {"bar in host", "http://a|b/"},
      {"bracket in host", "http://a[b/"},
      {"non-ASCII host", "http://m\xc3\xbcller.de/"},
      {"delete character in host", "http://a\x7f/"},
      {"NUL in host", std::string_view("http://a\0b/", 11)},
      {"space in credentials", "http://u v@h/"},
  };
  for (const Row& row : rows) {
    INFO(row.why << ": " << row.text);
    const auto result = Url::parse(row.text);
    REQUIRE(result.has_error());
    CHECK(result.error() == client_error(Errc::bad_url));
    CHECK_FALSE(result.error().context.empty());
  }
}

TEST_CASE("Url bounds its length", "[core][unit]") {
  const std::string longest = "http://h/" + std::string(Url::kMaxLength - 9, 'a');
  CHECK(url(longest).text() == longest);
  CHECK(Url::parse(longest + "a").has_error());
  CHECK(Url::parse("http://h/" + std::string(Url::kMaxLength / 2, ' ')).has_error());
  CHECK(url(longest).resolve("b")->text() == "http://h/b");
  CHECK(url(longest).resolve("?b").has_error());
}

TEST_CASE("Url::origin ignores spelling, path and credentials", "[core][unit]") {
  CHECK(url("HTTP://u:p@H:80/a?b").origin() == "http://h");
  CHECK(url("https://h:8443").origin() == "https://h:8443");
  CHECK(url("https://[::1]:443").origin() == "https://[::1]");
  CHECK(url("http://h").is_https() == false);
  CHECK(url("HTTPS://h").is_https() == true);
  CHECK(url("HTTPS://h").scheme() == "https");
}

TEST_CASE("Url::extension looks at the last path segment", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view text, extension;
  };
  const Row rows[] = {
      {"plain", "http://h/a/b.ts", "ts"},
      {"capitals", "http://h/A.M4S", "m4s"},
      {"last of two", "http://h/a.tar.gz", "gz"},
      {"query does not count", "http://h/a.m4s?b.mp4", "m4s"},
      {"folder does not count", "http://h/a.m3u8/b", ""},
      {"host does not count", "http://h.ts", ""},
      {"dot at the end", "http://h/a.", ""},
      {"none", "http://h/", ""},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(url(row.text).extension() == row.extension);
  }
}

TEST_CASE("Url::resolve gives the results of RFC 3986, 5.4", "[core][unit]") {
  struct Row {
    std::string_view reference, text;
  };
  const Row rows[] = {
      // 5.4.1, normal examples; fragments are cut.
      {"g:h", "bad_url"},
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
      {"g;x?y#s", "http://a/b/c/g;x?y"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      // 5.4.2, abnormal examples.
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/./x", "http://a/b/c/g?y/./x"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/./x", "http://a/b/c/g"},
      {"g#s/../x", "http://a/b/c/g"},
      {"http:g", "bad_url"},
  };
  for (const Row& row : rows) {
    INFO(row.reference);
    CHECK(resolved("http://a/b/c/d;p?q", row.reference) == row.text);
  }
}

TEST_CASE("Url::resolve handles what playlists hold", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view base, reference, text;
  };
  const Row rows[] = {
      {"base without path", "http://h", "s.ts", "http://h/s.ts"},
      {"base without path, but query", "http://h?t=/x/", "s.ts", "http://h/s.ts"},
      {"slash in the base's query", "http://h/a/p?u=/x/y", "s.ts", "http://h/a/s.ts"},
      {"query on a base without path", "http://h", "?t", "http://h?t"},
      {"port and credentials stay", "https://u:p@h:1/a/b", "/c", "https://u:p@h:1/c"},
      {"scheme-relative", "https://h/a", "//cdn:8/s.ts", "https://cdn:8/s.ts"},
      {"absolute keeps its bytes", "http://h/a", "https://c/x/../y%2f", "https://c/x/../y%2f"},
      {"absolute, other case", "http://h/a", "HTTPS://C/x", "HTTPS://C/x"},
      {"illegal characters", "http://h/a/", "b c{$x}.ts", "http://h/a/b%20c%7B$x%7D.ts"},
      {"an escape stays", "http://h/a/", "b%2fc%20d", "http://h/a/b%2fc%20d"},
      {"escaped dots are no dots", "http://h/a/b/", "%2e%2e/c", "http://h/a/b/%2e%2e/c"},
      {"colon after a slash", "http://h/a/b", "./c:d", "http://h/a/c:d"},
      {"a number is no scheme", "http://h/a/b", "10:20.ts", "http://h/a/10:20.ts"},
      {"dot segments of the base go", "http://h/a/../b/p", "s", "http://h/b/s"},
      {"empty segments stay", "http://h/a//b", "s", "http://h/a//s"},
      {"up over an empty segment", "http://h/a//b", "../s", "http://h/a/s"},
      {"key scheme", "http://h/a", "skd://x", "bad_url"},
      {"data", "http://h/a", "data:text/plain,x", "bad_url"},
      {"scheme-relative without host", "http://h/a", "//", "bad_url"},
      {"absolute without host", "http://h/a", "http://", "bad_url"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(resolved(row.base, row.reference) == row.text);
  }
}

TEST_CASE("Url::resolve gives what parsing the result gives", "[core][unit]") {
  for (const char* reference : {"x", "../y?z", "?q", "", "//o:99/p", "https://o/p"}) {
    const Url joined = *url("https://u@H:8/a/b?c").resolve(reference);
    const Url parsed = url(joined.text());
    INFO(reference);
    CHECK(joined == parsed);
    CHECK(joined.host() == parsed.host());
    CHECK(joined.port() == parsed.port());
    CHECK(joined.is_https() == parsed.is_https());
    CHECK(joined.path() == parsed.path());
    CHECK(joined.query() == parsed.query());
  }
}

TEST_CASE("has_foreign_scheme tells other schemes from relative references", "[core][unit]") {
  for (const char* reference : {"skd://x", "data:,", "URN:x", "a+b-c.1:x"}) {
    INFO(reference);
    CHECK(has_foreign_scheme(reference));
  }
  for (const char* reference :
       {"", "a", ":x", "1a:b", "/a:b", "?a:b", "a/b:c", "http://h", "HTTPS:x", "//h:80/"}) {
    INFO(reference);
    CHECK_FALSE(has_foreign_scheme(reference));
  }
}
