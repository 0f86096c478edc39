#include "support/origin_handlers.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("ScriptedOrigin answers HEAD with the head of GET", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/body", serve_body("hello"));
  origin.on("/chunks", chunked("hello"));
  origin.on("/drip", slow_drip("hello", 1, 0ms));
  origin.on("/longer", wrong_length(3, "hello"));
  origin.on("/refused", refuse_head(405, serve_body("hello")));
  RawConnection connection(origin.port());
  for (const char* target : {"/body", "/chunks", "/drip", "/longer"}) {
    INFO(target);
    Headers heads[2];
    for (const bool head : {true, false}) {
      RawConnection own(origin.port());
      REQUIRE(own.send(request_bytes(origin.port(), head ? "HEAD" : "GET", target)));
      heads[head ? 1 : 0] = own.read_head(head).headers;
      if (head) CHECK_FALSE(own.closed_within(20ms));
    }
    CHECK(std::vector<Header>(heads[0].begin(), heads[0].end()) ==
          std::vector<Header>(heads[1].begin(), heads[1].end()));
    REQUIRE(connection.send(request_bytes(origin.port(), "HEAD", target)));
    CHECK(connection.read_response(true).status == 200);
  }
  CHECK(request(origin.port(), "HEAD", "/refused").status == 405);
  CHECK(get(origin.port(), "/refused").body == "hello");
}

TEST_CASE("serve_body does ranges and conditions by RFC 9110", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789"));
  const std::string etag = etag_of("0123456789");
  const std::string date = "Wed, 01 Jan 2025 00:00:00 GMT";
  struct Row {
    const char* why;
    Headers headers;
    int status;
    std::string body;
    std::string content_range;
  };
  const std::string all = "0123456789";
  const Row rows[] = {
      {"no range", {}, 200, all, ""},
      {"first and last", {{"Range", "bytes=2-4"}}, 206, "234", "bytes 2-4/10"},
      {"one byte", {{"Range", "bytes=0-0"}}, 206, "0", "bytes 0-0/10"},
      {"open end", {{"Range", "bytes=7-"}}, 206, "789", "bytes 7-9/10"},
      {"last beyond the end", {{"Range", "bytes=7-99"}}, 206, "789", "bytes 7-9/10"},
      {"last beyond 64 bits",
       {{"Range", "bytes=9-99999999999999999999"}},
       206,
       "9",
       "bytes 9-9/10"},
      {"suffix", {{"Range", "bytes=-3"}}, 206, "789", "bytes 7-9/10"},
      {"suffix longer than all", {{"Range", "bytes=-30"}}, 206, all, "bytes 0-9/10"},
      {"first behind the end", {{"Range", "bytes=10-"}}, 416, "", "bytes */10"},
      {"empty suffix", {{"Range", "bytes=-0"}}, 416, "", "bytes */10"},
      {"backwards is malformed", {{"Range", "bytes=4-2"}}, 200, all, ""},
      {"no number", {{"Range", "bytes=a-b"}}, 200, all, ""},
      {"neither end", {{"Range", "bytes=-"}}, 200, all, ""},
      {"several ranges", {{"Range", "bytes=0-1,3-4"}}, 200, all, ""},
      {"other unit", {{"Range", "items=0-1"}}, 200, all, ""},
      {"no unit", {{"Range", "0-1"}}, 200, all, ""},
      {"If-Range with the tag",
       {{"Range", "bytes=1-1"}, {"If-Range", etag}},
       206,
       "1",
       "bytes 1-1/10"},
      {"If-Range with the date",
       {{"Range", "bytes=1-1"}, {"If-Range", date}},
       206,
       "1",
       "bytes 1-1/10"},
      {"If-Range with another tag", {{"Range", "bytes=1-1"}, {"If-Range", "\"x\""}}, 200, all, ""},
      {"If-Range is a strong comparison",
       {{"Range", "bytes=1-1"}, {"If-Range", "W/" + etag}},
       200,
       all,
       ""},
      {"If-None-Match with the tag", {{"If-None-Match", etag}}, 304, "", ""},
      {"If-None-Match is a weak comparison", {{"If-None-Match", "\"x\", W/" + etag}}, 304, "", ""},
      {"If-None-Match with another tag", {{"If-None-Match", "\"x\""}}, 200, all, ""},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const Response response = get(origin.port(), "/", row.headers);
    CHECK(response.complete);
    CHECK(response.status == row.status);
    CHECK(response.body == row.body);
    CHECK(response.headers["Content-Range"] == row.content_range);
    CHECK(response.headers["ETag"] == etag);
  }
  const Response head = request(origin.port(), "HEAD", "/", {{"Range", "bytes=2-4"}});
  CHECK(head.status == 200);
  CHECK(head.headers["Content-Length"] == "10");
  CHECK(request(origin.port(), "POST", "/").status == 405);
}

TEST_CASE("Handlers for redirects, sequences and errors do as told", "[support][unit]") {
  ScriptedOrigin origin;
  origin.on("/from", redirect_to(origin.url("/to"), 307));
  origin.on("/steps", in_sequence({status(503, {{"Retry-After", "1"}}), hang_up(Ending::rst),
                                   serve_body("third")}));
  const Response redirect = get(origin.port(), "/from");
  CHECK(redirect.status == 307);
  CHECK(redirect.headers["Location"] ==
        "http://127.0.0.1:" + std::to_string(origin.port()) + "/to");
  CHECK(get(origin.port(), "/steps").headers["Retry-After"] == "1");
  CHECK(get(origin.port(), "/steps").status == 0);
  CHECK(get(origin.port(), "/steps").body == "third");
  CHECK(get(origin.port(), "/steps").body == "third");
}

}  // namespace sluice::test
