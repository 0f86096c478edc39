#include "sluice/upstream/resume_plan.hpp"

#include <string>

#include "support/catch.hpp"

namespace sluice::upstream {
namespace {

Request movie(http::Method method = http::Method::get) {
  return {method, Url::parse("http://a.test/movie").value(), {}};
}

/// Parsed from header lines, as it comes from an origin.
http::ResponseHead answer(unsigned status, const std::string& lines) {
  const auto text = "HTTP/1.1 " + std::to_string(status) + " X\r\n" + lines + "\r\n";
  return http::parse_response_head(text, http::Method::get).value();
}

const std::string kWhole = "Content-Length: 1000\r\nETag: \"v1\"\r\n";

}  // namespace

TEST_CASE("ResumePlan continues only what a strong validator identifies", "[upstream][unit]") {
  struct Row {
    const char* why;
    unsigned status;
    std::string lines;
    std::string if_range;  ///< empty: no plan
  };
  const std::string dated = "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
  const auto row = GENERATE_COPY(values<Row>({
      {"strong tag", 200, kWhole, "\"v1\""},
      {"tag before date", 200, kWhole + dated, "\"v1\""},
      {"weak tag", 200, "Content-Length: 1000\r\nETag: W/\"v1\"\r\n", ""},
      {"no tag at all", 200, "Content-Length: 1000\r\n", ""},
      {"unquoted tag", 200, "Content-Length: 1000\r\nETag: v1\r\n", ""},
      {"date older than the answer", 200,
       "Content-Length: 1000\r\nDate: Mon, 01 Jan 2024 00:00:05 GMT\r\n" + dated,
       "Mon, 01 Jan 2024 00:00:00 GMT"},
      {"date of this very second", 200,
       "Content-Length: 1000\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n" + dated, ""},
      {"date without a clock", 200, "Content-Length: 1000\r\n" + dated, ""},
      {"weak tag, good date", 200,
       "Content-Length: 1000\r\nETag: W/\"v\"\r\nDate: Mon, 01 Jan 2024 00:00:05 GMT\r\n" + dated,
       "Mon, 01 Jan 2024 00:00:00 GMT"},
      {"unknown length", 200, "Transfer-Encoding: chunked\r\nETag: \"v1\"\r\n", ""},
      {"an error page", 404, kWhole, ""},
      {"a range", 206, kWhole + "Content-Range: bytes 500-1499/9000\r\n", "\"v1\""},
      {"a range of another length", 206, kWhole + "Content-Range: bytes 500-1500/9000\r\n", ""},
      {"several ranges", 206, kWhole + "Content-Type: multipart/byteranges; boundary=x\r\n", ""},
  }));
  INFO(row.why);
  const auto plan = ResumePlan::make(movie(), answer(row.status, row.lines));
  REQUIRE(plan.has_value() == !row.if_range.empty());
  if (plan) CHECK(plan->request_after(1).headers.value("If-Range") == row.if_range);
}

TEST_CASE("ResumePlan does not continue a HEAD", "[upstream][unit]") {
  CHECK_FALSE(ResumePlan::make(movie(http::Method::head), answer(200, kWhole)).has_value());
}

TEST_CASE("ResumePlan asks for what is left, once", "[upstream][unit]") {
  auto request = movie();
  request.headers.add("range", "bytes=500-");
  request.headers.add("if-range", "\"old\"");
  const auto plan =
      ResumePlan::make(request, answer(206, kWhole + "Content-Range: bytes 500-1499/1500\r\n"));
  REQUIRE(plan.has_value());
  const auto again = plan->request_after(300);
  CHECK(again.headers.value("Range") == "bytes=800-1499");
  CHECK(again.headers.count("Range") == 1);
  CHECK(again.headers.value("If-Range") == "\"v1\"");
  CHECK(again.headers.count("If-Range") == 1);
}

TEST_CASE("ResumePlan takes only the rest itself", "[upstream][unit]") {
  const auto plan = ResumePlan::make(movie(), answer(200, kWhole));
  REQUIRE(plan.has_value());
  struct Row {
    const char* why;
    unsigned status;
    std::string lines;
    bool taken;
  };
  const std::string tag = "ETag: \"v1\"\r\n";
  const auto row = GENERATE_COPY(values<Row>({
      {"the rest", 206, tag + "Content-Length: 600\r\nContent-Range: bytes 400-999/1000\r\n", true},
      {"of unknown total", 206, tag + "Content-Length: 600\r\nContent-Range: bytes 400-999/*\r\n",
       true},
      {"chunked", 206, tag + "Transfer-Encoding: chunked\r\nContent-Range: bytes 400-999/1000\r\n",
       true},
      {"a part of the rest", 206,
       tag + "Content-Length: 1\r\nContent-Range: bytes 400-400/1000\r\n", true},
      {"everything again", 200, tag + "Content-Length: 1000\r\n", false},
      {"from elsewhere", 206, tag + "Content-Length: 599\r\nContent-Range: bytes 401-999/1000\r\n",
       false},
      {"another total", 206, tag + "Content-Length: 600\r\nContent-Range: bytes 400-999/1001\r\n",
       false},
      {"beyond the end", 206, tag + "Content-Length: 601\r\nContent-Range: bytes 400-1000/*\r\n",
       false},
      {"length against range", 206,
       tag + "Content-Length: 599\r\nContent-Range: bytes 400-999/1000\r\n", false},
      {"another tag", 206,
       "ETag: \"v2\"\r\nContent-Length: 600\r\nContent-Range: bytes 400-999/1000\r\n", false},
      {"no tag", 206, "Content-Length: 600\r\nContent-Range: bytes 400-999/1000\r\n", false},
      {"no range", 206, tag + "Content-Length: 600\r\n", false},
      {"encoded", 206,
       tag + "Content-Encoding: gzip\r\nContent-Length: 600\r\n"
             "Content-Range: bytes 400-999/1000\r\n",
       false},
      {"nothing left", 416, tag + "Content-Length: 0\r\nContent-Range: bytes */1000\r\n", false},
  }));
  INFO(row.why);
  const auto verdict = plan->check(answer(row.status, row.lines), 400);
  CHECK(verdict.has_value() == row.taken);
  if (!verdict) CHECK(verdict.error().code == Errc::resume_refused);
}

}  // namespace sluice::upstream
