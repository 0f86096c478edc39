#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using Values = std::vector<std::string>;

/// What the origin is told when a client asks with these parameters and headers.
Headers sent_upstream(std::string_view parameters, const Headers& from_client = {}) {
  ScriptedOrigin origin;
  origin.on("/", status(200));
  const Proxy proxy;
  CHECK(proxy.fetch("/proxy/stream", origin.url("/"), parameters, from_client).status == 200);
  CHECK(origin.problems().empty());
  REQUIRE(origin.request_count() == 1);
  return origin.requests()[0].headers;
}

}  // namespace

TEST_CASE("An origin is asked with nothing but what a player would send",
          "[routes][upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200));
  const Proxy proxy;
  CHECK(proxy.fetch("/proxy/stream", origin.url("/")).status == 200);
  const auto headers = origin.requests().at(0).headers;
  CHECK(headers.size() == 4);
  CHECK(headers["Host"] == origin.authority());
  CHECK(headers["User-Agent"] == upstream::Settings{}.user_agent);
  CHECK(headers["Accept"] == "*/*");
  CHECK(headers["Accept-Encoding"] == "identity");
}

TEST_CASE("The client's own headers stay here", "[routes][integration]") {
  const auto headers = sent_upstream("", {{"Cookie", "session=1"},
                                          {"User-Agent", "Mine/1.0"},
                                          {"Accept", "text/html"},
                                          {"Accept-Language", "de"},
                                          {"Accept-Encoding", "gzip"},
                                          {"Authorization", "Bearer mine"},
                                          {"Referer", "http://my.site/"},
                                          {"Origin", "http://my.site"},
                                          {"If-None-Match", "\"x\""},
                                          {"If-Modified-Since", "Wed, 01 Jan 2025 00:00:00 GMT"},
                                          {"X-Forwarded-For", "203.0.113.9"},
                                          {"Via", "1.1 cache"},
                                          {"X-Custom", "1"}});
  CHECK(headers.size() == 4);
  CHECK(headers["User-Agent"] == upstream::Settings{}.user_agent);
  CHECK(headers["Accept"] == "*/*");
  CHECK(headers["Accept-Encoding"] == "identity");
}

TEST_CASE("h_ parameters become the origin's request headers", "[routes][integration]") {
  struct Row {
    const char* why;
    std::string parameters;
    std::string name;
    Values values;
  };
  const auto row = GENERATE(values<Row>({
      {"new header", "&h_x-one=1", "x-one", {"1"}},
      {"beats the default", "&h_user-agent=Player%2F2", "user-agent", {"Player/2"}},
      {"accept", "&h_accept=video%2Fmp4", "accept", {"video/mp4"}},
      {"accept-encoding", "&h_accept-encoding=gzip", "accept-encoding", {"gzip"}},
      {"host", "&h_host=virtual.test", "host", {"virtual.test"}},
      {"prefix in capitals", "&H_X-One=1", "x-one", {"1"}},
      {"name in capitals", "&h_X-ONE=1", "x-one", {"1"}},
      {"plus is a blank", "&h_x-one=a+b%2Bc", "x-one", {"a b+c"}},
      {"the last one wins", "&h_x-one=1&h_X-One=2", "x-one", {"2"}},
      {"empty counts as absent", "&h_x-one=", "x-one", {}},
      {"empty does not undo", "&h_x-one=1&h_x-one=", "x-one", {"1"}},
      {"no name", "&h_=1", "", {}},
      {"UTF-8 stays", "&h_x-one=%C3%BC", "x-one", {"\xc3\xbc"}},
      {"cookies on demand", "&h_cookie=a%3Db%3B+c%3Dd", "cookie", {"a=b; c=d"}},
      {"referrer is spelled referer",
       "&h_referrer=http%3A%2F%2Fsite.test%2F",
       "referer",
       {"http://site.test/"}},
      {"and goes away itself", "&h_referrer=http%3A%2F%2Fsite.test%2F", "referrer", {}},
      {"referer wins over referrer", "&h_referer=a&h_referrer=b", "referer", {"a"}},
      {"rp_ is for responses", "&rp_content-type=video%2Fmp2t", "content-type", {}},
      {"r_ is for responses", "&r_x-one=1", "x-one", {}},
      {"the password is nobody else's", "&api_password=p", "api_password", {}},
  }));
  INFO(row.why << ": " << row.parameters);
  CHECK(sent_upstream(row.parameters).all(row.name) == row.values);
}

TEST_CASE("h_ parameters that would break the protocol are skipped", "[routes][integration]") {
  struct Row {
    const char* why;
    std::string parameter;
    std::string name;
  };
  const auto row = GENERATE(values<Row>({
      {"framing", "h_content-length=5", "content-length"},
      {"framing in capitals", "H_CONTENT-LENGTH=5", "content-length"},
      {"framing", "h_transfer-encoding=chunked", "transfer-encoding"},
      {"hop by hop", "h_connection=close", "connection"},
      {"hop by hop", "h_keep-alive=1", "keep-alive"},
      {"hop by hop", "h_proxy-connection=close", "proxy-connection"},
      {"for another proxy", "h_proxy-authorization=x", "proxy-authorization"},
      {"hop by hop", "h_te=trailers", "te"},
      {"hop by hop", "h_trailer=x", "trailer"},
      {"another protocol", "h_upgrade=h2c", "upgrade"},
      {"line break in the value", "h_x-one=a%0D%0AX-Evil:%201", "x-evil"},
      {"line feed in the value", "h_x-one=a%0AX-Evil:%201", "x-evil"},
      {"NUL in the value", "h_x-one=a%00b", "x-one"},
      {"line break in the name", "h_x%0D%0AX-Evil=1", "x-evil"},
      {"colon in the name", "h_x-evil:=1", "x-evil"},
      {"blank in the name", "h_x-evil+=1", "x-evil"},
  }));
  INFO(row.why << ": " << row.parameter);
  const auto headers = sent_upstream("&" + row.parameter + "&h_x-last=still+here");
  CHECK_FALSE(headers.contains(row.name));
  CHECK(headers["X-Last"] == "still here");
  CHECK(headers.size() == 5);
}

TEST_CASE("Every request of a session has the same user agent", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/x.m3u8", status(200, {}, "#EXTM3U\n#EXTINF:4,\na.ts\n"));
  origin.on("/a.ts", status(200));
  const Proxy proxy([](app::Settings& settings) { settings.upstream.user_agent = "House/1"; });
  for (const auto* route : {"/proxy/stream", "/proxy/hls/manifest.m3u8", "/proxy/hls/segment.ts"}) {
    (void)proxy.fetch(route, origin.url("/x.m3u8"));
  }
  (void)request(proxy.port(), "HEAD", Proxy::target("/proxy/stream", origin.url("/a.ts")));
  const auto requests = origin.requests();
  REQUIRE(requests.size() == 4);
  for (const auto& asked : requests) CHECK(asked.headers["User-Agent"] == "House/1");
}

}  // namespace sluice::test
