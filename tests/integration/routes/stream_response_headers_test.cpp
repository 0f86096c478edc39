#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using Values = std::vector<std::string>;

constexpr std::string_view kStream = "/proxy/stream";

OriginHandler with_headers() {
  return status(200,
                {{"Content-Type", "video/mp4"},
                 {"ETag", "\"e\""},
                 {"Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT"},
                 {"Cache-Control", "max-age=60"},
                 {"Expires", "Wed, 01 Jan 2025 00:01:00 GMT"},
                 {"Accept-Ranges", "none"},
                 {"Content-Encoding", "gzip"},
                 {"Set-Cookie", "a=b"},
                 {"Server", "origin/1"},
                 {"Location", "/elsewhere"},
                 {"Content-Disposition", "attachment"},
                 {"Content-Security-Policy", "default-src *"},
                 {"Access-Control-Allow-Origin", "http://site.test"},
                 {"Access-Control-Allow-Credentials", "true"},
                 {"Keep-Alive", "timeout=5"},
                 {"Strict-Transport-Security", "max-age=1"},
                 {"Alt-Svc", "h3=\":443\""},
                 {"X-Custom", "1"}},
                "body");
}

}  // namespace

TEST_CASE("Only what describes the body passes from the origin", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", with_headers());
  const Proxy proxy;
  const auto headers = proxy.fetch(kStream, origin.url("/")).headers;
  CHECK(headers["Content-Type"] == "video/mp4");
  CHECK(headers["Content-Length"] == "4");
  CHECK(headers["ETag"] == "\"e\"");
  CHECK(headers["Last-Modified"] == "Wed, 01 Jan 2025 00:00:00 GMT");
  CHECK(headers["Cache-Control"] == "max-age=60");
  CHECK(headers["Expires"] == "Wed, 01 Jan 2025 00:01:00 GMT");
  CHECK(headers["Accept-Ranges"] == "none");
  CHECK(headers["Content-Encoding"] == "gzip");
  CHECK(headers.all("Access-Control-Allow-Origin") == Values{"*"});
  CHECK(headers["X-Content-Type-Options"] == "nosniff");
  for (const auto* hidden : {"Set-Cookie", "Server", "Location", "Content-Disposition",
                             "Content-Security-Policy", "Access-Control-Allow-Credentials",
                             "Keep-Alive", "Strict-Transport-Security", "Alt-Svc", "X-Custom"}) {
    INFO(hidden);
    CHECK_FALSE(headers.contains(hidden));
  }
}

TEST_CASE("r_, rp_ and x_headers change the response's headers", "[routes][integration]") {
  struct Row {
    const char* why;
    std::string parameters;
    std::string name;
    Values values;
  };
  const auto row = GENERATE(values<Row>({
      {"r_ sets", "&r_x-one=1", "x-one", {"1"}},
      {"rp_ sets", "&rp_x-one=1", "x-one", {"1"}},
      {"prefixes in capitals", "&R_X-One=1&RP_X-Two=2", "x-two", {"2"}},
      {"r_ replaces", "&r_content-type=video%2Fmp2t", "content-type", {"video/mp2t"}},
      {"rp_ replaces", "&rp_content-type=video%2Fmp2t", "content-type", {"video/mp2t"}},
      {"r_ wins over rp_", "&r_etag=mine&rp_etag=theirs", "etag", {"mine"}},
      {"whatever their order", "&rp_etag=theirs&r_etag=mine", "etag", {"mine"}},
      {"x_headers drops", "&x_headers=etag", "etag", {}},
      {"a list, blanks and case do not matter", "&x_headers=x,+ETag+,,expires", "etag", {}},
      {"dropped first, then set", "&x_headers=etag&r_etag=new", "etag", {"new"}},
      {"empty value counts as absent", "&r_etag=", "etag", {"\"e\""}},
      {"framing is refused", "&r_content-length=2", "content-length", {"4"}},
      {"framing is refused by rp_, too", "&rp_content-length=2", "content-length", {"4"}},
      {"framing is refused in capitals", "&R_CONTENT-LENGTH=2", "content-length", {"4"}},
      {"another framing is refused", "&r_transfer-encoding=chunked", "transfer-encoding", {}},
      {"hop by hop is refused", "&r_connection=close", "connection", {}},
      {"hop by hop is refused", "&r_keep-alive=9", "keep-alive", {}},
      {"another protocol is refused", "&r_upgrade=h2c", "upgrade", {}},
      {"line break in a value", "&r_x-one=a%0D%0AX-Evil:%201", "x-evil", {}},
      {"line break in a name", "&r_x%0D%0AX-Evil=1", "x-evil", {}},
      {"sniffing stays off", "&r_x-content-type-options=x", "x-content-type-options", {"nosniff"}},
  }));
  INFO(row.why << ": " << row.parameters);
  ScriptedOrigin origin;
  origin.on("/", with_headers());
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"), row.parameters);
  CHECK(response.complete);
  CHECK(response.status == 200);
  CHECK(response.body == "body");
  CHECK(response.headers.all(row.name) == row.values);
}

TEST_CASE("Without its length a body is chunked, or ends with the connection",
          "[routes][delivery][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {}, "body"));
  const Proxy proxy;
  const auto target = Proxy::target(kStream, origin.url("/"), "&x_headers=content-length");
  const auto modern = get(proxy.port(), target);
  CHECK(modern.complete);
  CHECK(modern.framing == Framing::chunked);
  CHECK(modern.body == "body");

  RawConnection old(proxy.port());
  REQUIRE(old.send("GET " + target + " HTTP/1.0\r\n\r\n"));
  const auto response = old.read_response();
  CHECK(response.complete);
  CHECK(response.framing == Framing::close);
  CHECK(response.body == "body");
}

TEST_CASE("Content a browser would run is put into a sandbox", "[routes][integration]") {
  struct Row {
    const char* why;
    std::string from_origin;
    std::string parameters;
    bool sandboxed;
  };
  const auto row = GENERATE(values<Row>({
      {"a page of the origin", "text/html; charset=utf-8", "", true},
      {"a picture with scripts", "image/svg+xml", "", true},
      {"XML", "application/xhtml+xml", "", true},
      {"a script", "application/javascript", "", true},
      {"a page by r_", "video/mp4", "&r_content-type=text%2Fhtml", true},
      {"a page by rp_", "video/mp4", "&rp_content-type=Text%2FHTML", true},
      {"a video", "video/mp4", "", false},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", status(200, {{"Content-Type", row.from_origin}}, "body"));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"), row.parameters);
  CHECK(response.headers["Content-Security-Policy"] ==
        (row.sandboxed ? "sandbox; default-src 'none'" : ""));
  CHECK(response.headers["X-Content-Type-Options"] == "nosniff");
  CHECK(response.headers["Content-Disposition"] == (row.sandboxed ? "attachment" : ""));
  CHECK(response.headers["Referrer-Policy"] == (row.sandboxed ? "no-referrer" : ""));
}

TEST_CASE("A sandboxed page stays a download whatever its URL asks for", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {{"Content-Type", "text/html"}}, "body"));
  const Proxy proxy;
  const auto inlined = proxy.fetch(kStream, origin.url("/"), "&r_content-disposition=inline");
  CHECK(inlined.headers.all("Content-Disposition") == std::vector<std::string>{"attachment"});
  const auto named = proxy.fetch("/proxy/stream/a.html", origin.url("/"));
  CHECK(named.headers["Content-Disposition"] == "attachment; filename=\"a.html\"");
}

TEST_CASE("A file name in the path becomes Content-Disposition", "[routes][integration]") {
  struct Row {
    const char* why;
    std::string tail;
    std::string header;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "/movie.mp4", "attachment; filename=\"movie.mp4\""},
      {"blank", "/my%20movie.mp4", "attachment; filename=\"my movie.mp4\""},
      {"plus is a plus", "/a+b.mp4", "attachment; filename=\"a+b.mp4\""},
      {"folders", "/shows/one.mp4", "attachment; filename=\"shows/one.mp4\""},
      {"quotes", "/a%22b.mp4", "attachment; filename=\"a\\\"b.mp4\""},
      {"backslash", "/a%5Cb.mp4", "attachment; filename=\"a\\\\b.mp4\""},
      {"attempt to end the header", "/a%0D%0AX-Evil:%201", "attachment; filename=\"a__X-Evil: 1\""},
      {"UTF-8", "/%C3%BC%20%E2%82%AC.mp4",
       "attachment; filename=\"__ ___.mp4\"; filename*=UTF-8''%C3%BC%20%E2%82%AC.mp4"},
      {"no name", "", ""},
      {"a slash only", "/", ""},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", with_headers());
  const Proxy proxy;
  const auto response = proxy.fetch(std::string(kStream) + row.tail, origin.url("/"));
  CHECK(response.complete);
  CHECK(response.body == "body");
  CHECK(response.headers["Content-Disposition"] == row.header);
  CHECK_FALSE(response.headers.contains("X-Evil"));
}

}  // namespace sluice::test
