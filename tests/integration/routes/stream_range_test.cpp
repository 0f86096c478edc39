#include <string>

#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";

}  // namespace

TEST_CASE("A request without Range stays one", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789", "video/mp4"));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"));
  CHECK(response.status == 200);
  CHECK(response.body == "0123456789");
  CHECK(response.headers["Content-Length"] == "10");
  CHECK(response.headers["Content-Type"] == "video/mp4");
  CHECK(response.headers["Accept-Ranges"] == "bytes");
  CHECK(response.headers["ETag"] == etag_of("0123456789"));
  CHECK(response.headers.contains("Last-Modified"));
  CHECK_FALSE(response.headers.contains("Content-Range"));
  CHECK_FALSE(origin.requests().at(0).headers.contains("Range"));
}

TEST_CASE("Range reaches the origin as it stands, and its answer the client",
          "[routes][integration]") {
  struct Row {
    const char* why;
    std::string range;
    int status;
    std::string body;
    std::string content_range;
  };
  const auto row = GENERATE(values<Row>({
      {"from and to", "bytes=2-5", 206, "2345", "bytes 2-5/10"},
      {"open end, as players seek", "bytes=7-", 206, "789", "bytes 7-9/10"},
      {"everything, as players start", "bytes=0-", 206, "0123456789", "bytes 0-9/10"},
      {"the last bytes", "bytes=-3", 206, "789", "bytes 7-9/10"},
      {"one byte", "bytes=0-0", 206, "0", "bytes 0-0/10"},
      {"beyond the end", "bytes=8-99", 206, "89", "bytes 8-9/10"},
      {"several parts", "bytes=0-1,4-5", 200, "0123456789", ""},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789"));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"), "", {{"Range", row.range}});
  CHECK(response.complete);
  CHECK(response.status == row.status);
  CHECK(response.body == row.body);
  CHECK(response.headers["Content-Range"] == row.content_range);
  CHECK(response.headers["Content-Length"] == std::to_string(row.body.size()));
  CHECK(origin.requests().at(0).headers.all("Range") == std::vector<std::string>{row.range});
}

TEST_CASE("A Range that says nothing is left out", "[routes][integration]") {
  const std::string range = GENERATE("bytes=nan-", "bytes=5-2", "bytes=", "bytes=a-b", "items=0-5",
                                     "bytes 0-5", "bytes=0", "bytes=-", "bytes=0-5,x", "nonsense");
  INFO(range);
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789"));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"), "", {{"Range", range}});
  CHECK(response.status == 200);
  CHECK(response.body == "0123456789");
  CHECK_FALSE(origin.requests().at(0).headers.contains("Range"));
}

TEST_CASE("If-Range goes with Range and only with it", "[routes][integration]") {
  struct Row {
    const char* why;
    Headers headers;
    int status;
    std::string if_range;  ///< what the origin sees
  };
  const auto etag = etag_of("0123456789");
  const auto row = GENERATE_COPY(values<Row>({
      {"matching", {{"Range", "bytes=2-"}, {"If-Range", etag}}, 206, etag},
      {"changed since", {{"Range", "bytes=2-"}, {"If-Range", "\"old\""}}, 200, "\"old\""},
      {"without Range", {{"If-Range", etag}}, 200, ""},
      {"with a Range that says nothing", {{"Range", "x"}, {"If-Range", etag}}, 200, ""},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789"));
  const Proxy proxy;
  CHECK(proxy.fetch(kStream, origin.url("/"), "", row.headers).status == row.status);
  CHECK(origin.requests().at(0).headers["If-Range"] == row.if_range);
}

TEST_CASE("h_range beats the client's Range", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789"));
  const Proxy proxy;
  const auto response =
      proxy.fetch(kStream, origin.url("/"), "&h_range=bytes%3D4-5", {{"Range", "bytes=0-1"}});
  CHECK(response.status == 206);
  CHECK(response.body == "45");
}

TEST_CASE("A 206 says that ranges work even if the origin did not", "[routes][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(206, {{"Content-Range", "bytes 0-1/*"}}, "ab"));
  const Proxy proxy;
  const auto response = proxy.fetch(kStream, origin.url("/"), "", {{"Range", "bytes=0-1"}});
  CHECK(response.status == 206);
  CHECK(response.headers["Accept-Ranges"] == "bytes");
  CHECK(response.headers["Content-Range"] == "bytes 0-1/*");
  CHECK(response.headers["Content-Length"] == "2");
}

TEST_CASE("x_headers=content-range makes a 206 a 200", "[routes][integration]") {
  const std::string spelled = GENERATE("content-range", "Content-Range", "etag,%20CONTENT-RANGE+");
  INFO(spelled);
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789"));
  const Proxy proxy;
  const auto response =
      proxy.fetch(kStream, origin.url("/"), "&x_headers=" + spelled, {{"Range", "bytes=2-5"}});
  CHECK(response.complete);
  CHECK(response.status == 200);
  CHECK(response.body == "2345");
  CHECK(response.headers["Content-Length"] == "4");
  CHECK_FALSE(response.headers.contains("Content-Range"));
}

}  // namespace sluice::test
