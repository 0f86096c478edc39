#include <algorithm>
#include <string>

#include "integration/upstream/error_reply.hpp"
#include "sluice/core/encoding.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";

/// What the origin was asked for when the proxy got this request target.
std::string asked_for(const ScriptedOrigin& origin, const std::string& target, const Proxy& proxy) {
  const auto before = origin.request_count();
  const auto response = get(proxy.port(), target);
  INFO("answer: " << response.status << " " << response.body << response.problem);
  CHECK(response.body == "found");
  REQUIRE(origin.request_count() == before + 1);
  return origin.requests().back().target;
}

}  // namespace

TEST_CASE("The origin is asked for exactly the bytes of the URL", "[routes][core][integration]") {
  struct Row {
    const char* why;
    std::string given;
    std::string asked;  ///< empty: as given
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "/a/b.mp4", ""},
      {"signed", "/v?Expires=1&Signature=a%2Fb%2Bc%3D%3D&Key-Pair-Id=K", ""},
      {"encoded plus", "/a%2Bb?c=%2B", ""},
      {"raw plus", "/a+b?c=d+e", ""},
      {"encoded blank", "/a%20b?c=%20", ""},
      {"lower-case escapes", "/%2f%3d?x=%e2%82%ac", ""},
      {"encoded twice", "/%252F%2520?u=https%253A%252F%252Fx", ""},
      {"escapes of letters", "/%41%7E?%61=%62", ""},
      {"no escapes at all", "/%zz?%=1&a=%4", ""},
      {"commas, semicolons, colons", "/a,b;c=d/e:f?g,h;i=j:k", ""},
      {"at sign and exclamation mark", "/@user/!$'()*", ""},
      {"equals signs", "/?a==b=&=c", ""},
      {"slashes in the query", "/p?u=http://x/y/../z?q=1", ""},
      {"question marks", "/p??a?b", ""},
      {"empty query", "/p?", ""},
      {"empty names and values", "/p?&&a&=&", ""},
      {"doubled slashes", "//a//b///c", ""},
      {"dots stay", "/a/./b/../c", ""},
      {"encoded dots and slashes", "/a%2e%2e/%2e/b%2Fc", ""},
      {"tilde, hyphen, underscore", "/~a-b_c.d", ""},
      {"encoded NUL and line break", "/a%00b%0d%0ac", ""},
      {"encoded non-ASCII", "/%C3%BC%E2%82%AC", ""},
      {"raw non-ASCII is escaped", "/\xc3\xbc?\xe2\x82\xac", "/%C3%BC?%E2%82%AC"},
      {"raw Latin-1 is escaped", "/\xfc", "/%FC"},
      {"raw blank is escaped", "/a b?c d", "/a%20b?c%20d"},
      {"raw quotes and brackets are escaped", "/\"<>\\^`{|}", "/%22%3C%3E%5C%5E%60%7B%7C%7D"},
      {"raw square brackets stay", "/a[1]?b[]=2", ""},
      {"raw line break is escaped", "/a\r\nX-Evil: 1", "/a%0D%0AX-Evil:%201"},
      {"fragment is cut off", "/a?b#c", "/a?b"},
      {"no path", "", "/"},
      {"query without a path", "?a=b", "/?a=b"},
      {"long", "/" + std::string(20'000, 'a') + "?b=" + std::string(10'000, '%'), ""},
  }));
  INFO(row.why << ": " << row.given.substr(0, 200));
  ScriptedOrigin origin;
  origin.on_prefix("/", status(200, {}, "found"));
  const Proxy proxy;
  const auto url = "http://" + origin.authority() + row.given;
  const auto expected = row.asked.empty() ? row.given : row.asked;
  CHECK(asked_for(origin, Proxy::target(kStream, url), proxy) == expected);
  if (is_utf8(url)) {  // else it is not taken for base64 of a URL
    const auto encoded = std::string(kStream) + "?d=" + base64url_encode(url);
    CHECK(asked_for(origin, encoded, proxy) == expected);
  }
  CHECK(origin.problems().empty());
}

TEST_CASE("A URL's bytes reach the origin by way of a playlist, too",
          "[routes][media][integration]") {
  const std::string given = GENERATE("seg%2B1.ts?s=a%2Fb%2Bc", "a+b,c;d=e.ts", "x.ts?u=%252F",
                                     "%zz.ts", "s.ts?a==&&=b", "[1].ts");
  INFO(given);
  ScriptedOrigin origin;
  origin.on("/x.m3u8", status(200, {}, "#EXTM3U\n#EXTINF:4,\n" + given + "\n"));
  origin.on_prefix("/", status(200, {}, "found"));
  const Proxy proxy;
  const auto playlist = proxy.fetch("/proxy/hls/manifest.m3u8", origin.url("/x.m3u8")).body;
  const auto start = playlist.find("/proxy/hls/segment.ts?");
  REQUIRE(start != std::string::npos);
  const auto target = playlist.substr(start, playlist.find('\n', start) - start);
  CHECK(asked_for(origin, target, proxy) == "/" + given);
}

TEST_CASE("A destination is understood in every form links use", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on_prefix("/", status(200, {}, "found"));
  const auto authority = origin.authority();
  // '?' and '>' make the two alphabets differ: base64 of it holds '/' or '_', '+' or '-'.
  const std::string target = "/a?b=c?>?>?>~~~";
  const auto url = "http://" + authority + target;
  const auto encoded_target = "/a?b=c?%3E?%3E?%3E~~~";
  auto standard = base64_encode(url);
  auto unpadded = standard;
  while (unpadded.ends_with('=')) unpadded.pop_back();
  auto safe_padded = standard;
  std::replace(safe_padded.begin(), safe_padded.end(), '+', '-');
  std::replace(safe_padded.begin(), safe_padded.end(), '/', '_');
  struct Row {
    const char* why;
    std::string query;
    std::string asked;
  };
  const Row rows[] = {
      {"form-encoded", "d=" + form_encode(url), encoded_target},
      {"as it stands", "d=http://" + authority + "/a?b", "/a?b"},
      {"base64", "d=" + form_encode(standard), encoded_target},
      {"base64 without padding", "d=" + form_encode(unpadded), encoded_target},
      {"base64 with raw plus signs", "d=" + standard, encoded_target},
      {"URL-safe base64", "d=" + base64url_encode(url), encoded_target},
      {"URL-safe base64 with padding", "d=" + safe_padded, encoded_target},
      {"scheme in capitals", "d=HTTP://" + authority + "/a", "/a"},
      {"blanks around", "d=+http://" + authority + "/a%20", "/a"},
      {"the last one wins", "d=http://nowhere.test/&d=http://" + authority + "/a", "/a"},
      {"alias", "url=http://" + authority + "/a", "/a"},
      {"d wins over its alias", "d=http://" + authority + "/a&url=http://" + authority + "/b",
       "/a"},
      {"quote for the colon", "d=http%2522//" + authority + "/a", "/a"},
      {"quote behind the colon", "d=http%253A%2522//" + authority + "/a", "/a"},
      {"raw quote", "d=http:%22//" + authority + "/a", "/a"},
      {"appended keys", "d=" + form_encode("http://" + authority + "/a?x=1&key_id=0011&key=2233"),
       "/a?x=1"},
      {"a key of the origin's own", "d=" + form_encode("http://" + authority + "/a?key=1&x=2"),
       "/a?key=1&x=2"},
  };
  const Proxy proxy;
  for (const auto& row : rows) {
    INFO(row.why << ": " << row.query);
    CHECK(asked_for(origin, std::string(kStream) + "?" + row.query, proxy) == row.asked);
  }
}

TEST_CASE("Base64 destinations work on every route", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on_prefix("/", status(200, {}, "found"));
  const Proxy proxy;
  const auto encoded = base64url_encode(origin.url("/a?>>>???"));
  for (const auto* route : {"/proxy/hls/manifest.m3u8", "/proxy/hls/segment.ts"}) {
    INFO(route);
    CHECK(asked_for(origin, std::string(route) + "?d=" + encoded, proxy) == "/a?%3E%3E%3E???");
  }
}

TEST_CASE("The path of /proxy/stream/ may hold the destination", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on_prefix("/", status(200, {}, "found"));
  const Proxy proxy;
  const auto tail = "/" + base64url_encode(origin.url("/a?b=c"));
  CHECK(asked_for(origin, std::string(kStream) + tail, proxy) == "/a?b=c");
  CHECK(asked_for(origin, std::string(kStream) + tail + "?h_x-one=1", proxy) == "/a?b=c");
  CHECK(origin.requests().back().headers["X-One"] == "1");
  const auto response = get(proxy.port(), std::string(kStream) + tail);
  CHECK_FALSE(response.headers.contains("Content-Disposition"));
}

TEST_CASE("A request without a usable destination is the client's mistake",
          "[routes][integration]") {
  struct Row {
    const char* why;
    std::string target;
    std::string words;
  };
  const auto row = GENERATE(values<Row>({
      {"none", "/proxy/stream", "parameter d"},
      {"empty", "/proxy/stream?d=", "parameter d"},
      {"other parameters only", "/proxy/stream?h_x=1", "parameter d"},
      {"name in capitals", "/proxy/stream?D=http://a.test/", "parameter d"},
      {"a path that is no base64", "/proxy/stream/movie.mp4", "parameter d"},
      {"a manifest", "/proxy/hls/manifest.m3u8", "parameter d"},
      {"a segment", "/proxy/hls/segment.ts", "parameter d"},
      {"the alias is for streams only", "/proxy/hls/segment.ts?url=http://a.test/", "parameter d"},
      {"ftp", "/proxy/stream?d=ftp://a.test/x", "http or https"},
      {"file", "/proxy/stream?d=file:///etc/passwd", "http or https"},
      {"data", "/proxy/stream?d=data:text/plain,x", "http or https"},
      {"ftp in base64", "/proxy/stream?d=ZnRwOi8vYS50ZXN0L3g", "http or https"},
      {"no scheme", "/proxy/stream?d=a.test/x", "http or https"},
      {"no host", "/proxy/stream?d=http:///x", "host"},
      {"port out of range", "/proxy/stream?d=http://a.test:99999/", "port"},
      {"user twice", "/proxy/stream?d=http://a@b@c.test/", "before the path"},
      {"line break in the host", "/proxy/stream?d=http://a%0D%0Ab.test/", "before the path"},
  }));
  INFO(row.why);
  const Proxy proxy;
  const auto response = get(proxy.port(), row.target);
  CHECK(response.complete);
  CHECK(response.status == 400);
  CHECK(error_text(response).find(row.words) != std::string::npos);
}

}  // namespace sluice::test
