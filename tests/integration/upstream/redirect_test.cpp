#include <string>

#include "integration/upstream/error_reply.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";

/// /hop/1 leads to /hop/2 and so on; /hop/<count + 1> answers.
void add_chain(ScriptedOrigin& origin, int count) {
  for (int hop = 1; hop <= count; ++hop) {
    origin.on("/hop/" + std::to_string(hop), redirect_to(std::to_string(hop + 1)));
  }
  origin.on("/hop/" + std::to_string(count + 1), status(200, {}, "arrived"));
}

}  // namespace

TEST_CASE("Client follows every status that redirects, and no other", "[upstream][integration]") {
  struct Row {
    const char* why;
    int status;
    bool followed;
  };
  const Row row = GENERATE(values<Row>({
      {"multiple choices is an answer", 300, false},
      {"moved permanently", 301, true},
      {"found", 302, true},
      {"see other", 303, true},
      {"use proxy is deprecated", 305, false},
      {"unused code", 306, false},
      {"temporary redirect", 307, true},
      {"permanent redirect", 308, true},
      {"created names a resource, but is no redirect", 201, false},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/there", status(200, {}, "there"));
  origin.on("/here", status(row.status, {{"Location", "/there"}}, "here"));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/here"));
  CHECK(response.complete);
  CHECK(response.status == (row.followed ? 200 : row.status));
  CHECK(response.body == (row.followed ? "there" : "here"));
  CHECK_FALSE(response.headers.contains("Location"));
}

TEST_CASE("Client resolves Location against the URL that redirected", "[upstream][integration]") {
  struct Row {
    const char* why;
    std::string location;  ///< AUTHORITY stands for the origin's
    std::string target;    ///< what the origin is asked for next
  };
  const auto row = GENERATE(values<Row>({
      {"absolute", "http://AUTHORITY/x?y=1", "/x?y=1"},
      {"scheme-relative", "//AUTHORITY/x", "/x"},
      {"absolute path", "/x/y", "/x/y"},
      {"relative path", "x", "/a/b/x"},
      {"one folder up", "../x", "/a/x"},
      {"query only", "?z=2", "/a/b/c?z=2"},
      {"no path at all", "http://AUTHORITY", "/"},
      {"fragment is not sent", "/x#part", "/x"},
      {"signed bytes stay as they are", "/x?s=a%2fb%2Fc+d&e=%zz", "/x?s=a%2fb%2Fc+d&e=%zz"},
      {"blank in a path", "/a b", "/a%20b"},
      {"raw UTF-8", "/\xc3\xbc", "/%C3%BC"},
      {"blanks around it", "  /x  ", "/x"},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  auto location = row.location;
  if (const auto at = location.find("AUTHORITY"); at != std::string::npos) {
    location.replace(at, 9, origin.authority());
  }
  origin.on_prefix("/", status(200, {}, "arrived"));
  origin.on("/a/b/c?q=1", redirect_to(location));
  const Proxy proxy;
  CHECK(proxy.fetch(kStream, origin.url("/a/b/c?q=1")).body == "arrived");
  const auto requests = origin.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[1].target == row.target);
  CHECK(requests[1].headers["Host"] == origin.authority());
  CHECK(origin.problems().empty());
}

TEST_CASE("Client follows ten redirects and refuses the eleventh", "[upstream][integration]") {
  ScriptedOrigin origin;
  add_chain(origin, 11);
  const Proxy proxy;
  const auto ten = proxy.fetch(kStream, origin.url("/hop/2"));
  CHECK(ten.status == 200);
  CHECK(ten.body == "arrived");
  CHECK(origin.request_count() == 11);
  check_error(proxy.fetch(kStream, origin.url("/hop/1")), 502, "redirects too often");
  CHECK(origin.request_count() == 22);
  CHECK(origin.requests_to("/hop/12").size() == 1);
}

TEST_CASE("Client follows as many redirects as upstream.max_redirects says",
          "[upstream][integration]") {
  ScriptedOrigin origin;
  add_chain(origin, 2);
  const Proxy none([](app::Settings& settings) { settings.upstream.max_redirects = 0; });
  check_error(none.fetch(kStream, origin.url("/hop/2")), 502, "redirects too often");
  const Proxy one([](app::Settings& settings) { settings.upstream.max_redirects = 1; });
  CHECK(one.fetch(kStream, origin.url("/hop/2")).body == "arrived");
  check_error(one.fetch(kStream, origin.url("/hop/1")), 502, "redirects too often");
}

TEST_CASE("Client gives up on a loop", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/self", redirect_to("/self"));
  origin.on("/ping", redirect_to("/pong"));
  origin.on("/pong", redirect_to("/ping"));
  const Proxy proxy;
  check_error(proxy.fetch(kStream, origin.url("/self")), 502, "redirects too often");
  check_error(proxy.fetch(kStream, origin.url("/ping")), 502, "redirects too often");
  CHECK(origin.request_count() == 22);
}

TEST_CASE("Client refuses a Location it cannot use", "[upstream][integration]") {
  struct Row {
    const char* why;
    Headers headers;
  };
  const auto row = GENERATE(values<Row>({
      {"missing", {}},
      {"empty", {{"Location", ""}}},
      {"another scheme", {{"Location", "ftp://127.0.0.1/x"}}},
      {"a file", {{"Location", "file:///etc/passwd"}}},
      {"script", {{"Location", "javascript:alert(1)"}}},
      {"no host", {{"Location", "http:///x"}}},
      {"port out of range", {{"Location", "http://127.0.0.1:70000/"}}},
      {"two at signs", {{"Location", "http://a@b@127.0.0.1/"}}},
      {"unclosed bracket", {{"Location", "http://[::1/"}}},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/here", status(302, row.headers));
  const Proxy proxy;
  check_error(proxy.fetch(kStream, origin.url("/here")), 502, "unusable address");
  CHECK(origin.request_count() == 1);
}

TEST_CASE("Client goes on whatever body a redirect carries", "[upstream][integration]") {
  struct Row {
    const char* why;
    OriginHandler handler;
    bool kept;  ///< the connection carries the next request
  };
  const Headers location{{"Location", "/there"}};
  const auto row = GENERATE_COPY(values<Row>({
      {"no body", status(302, location), true},
      {"a page", status(302, location, "<html>moved</html>"), true},
      {"longer than is worth reading", status(302, location, random_bytes(200'000)), false},
      {"in chunks",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(302, {{"Location", "/there"}, {"Transfer-Encoding", "chunked"}});
         connection.send_chunk("moved");
         connection.end_chunks();
       },
       true},
      {"until the close",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(302, {{"Location", "/there"}});
         connection.send("moved");
         connection.close();
       },
       false},
      {"cut",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(302, {{"Location", "/there"}, {"Content-Length", "9"}});
         connection.send("moved");
         connection.close();
       },
       false},
      {"announced but never sent",
       [](const OriginRequest&, Connection& connection) {
         connection.send_head(302, {{"Location", "/there"}, {"Content-Length", "9"}});
         connection.wait_for_peer_close(std::chrono::seconds(20));
       },
       false},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/here", row.handler);
  origin.on("/there", status(200, {}, "there"));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/here"));
  CHECK(response.status == 200);
  CHECK(response.body == "there");
  CHECK(origin.connection_count() == (row.kept ? 1 : 2));
}

TEST_CASE("Client sends Range and headers again after a redirect", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/here", redirect_to("/there"));
  origin.on("/there", serve_body("0123456789"));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/here"), "&h_x-one=1&h_user-agent=Player",
                                    {{"Range", "bytes=2-4"}});
  CHECK(response.status == 206);
  CHECK(response.body == "234");
  const auto asked = origin.requests_to("/there");
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].headers["Range"] == "bytes=2-4");
  CHECK(asked[0].headers["X-One"] == "1");
  CHECK(asked[0].headers["User-Agent"] == "Player");
}

TEST_CASE("A playlist's relative URIs resolve against the URL after redirects",
          "[upstream][routes][integration]") {
  ScriptedOrigin origin;
  ScriptedOrigin cdn;
  origin.on("/live.m3u8", redirect_to(cdn.url("/deep/folder/index.m3u8?token=1")));
  cdn.on("/deep/folder/index.m3u8",
         status(200, {}, "#EXTM3U\n#EXTINF:4,\nseg.ts\n#EXTINF:4,\n/root.ts\n"));
  const Proxy proxy;
  const auto response = proxy.fetch("/proxy/hls/manifest.m3u8", origin.url("/live.m3u8"));
  CHECK(response.status == 200);
  const auto child = [&](std::string_view target) {
    return "http://127.0.0.1:" + std::to_string(proxy.port()) +
           Proxy::target("/proxy/hls/segment.ts", cdn.url(target));
  };
  CHECK(response.body == "#EXTM3U\n#EXTINF:4,\n" + child("/deep/folder/seg.ts") + "\n#EXTINF:4,\n" +
                             child("/root.ts") + "\n");
}

TEST_CASE("A redirect's body that drips does not hold the redirect up", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/from", [](const OriginRequest&, Connection& connection) {
    connection.send_head(302, {{"Location", "/to"}, {"Content-Length", "1000"}});
    connection.drip(random_bytes(1000), 1, std::chrono::milliseconds(100));
  });
  origin.on("/to", serve_body("there"));
  const Proxy proxy;
  const auto response = get(proxy.port(), Proxy::target("/proxy/stream", origin.url("/from")));
  CHECK(response.body == "there");
}

}  // namespace sluice::test
