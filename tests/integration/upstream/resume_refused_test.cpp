#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "support/breaking_file.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";
constexpr std::size_t kSize = 300'000;
constexpr std::size_t kCut = 100'000;
constexpr std::size_t kRest = kSize - kCut;

const std::string& the_body() {
  static const std::string body = random_bytes(kSize, 50);
  return body;
}

std::string rest_of_body() {
  return the_body().substr(kCut);
}

Proxy quick_resumes(const std::function<void(upstream::Settings&)>& change = {}) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.retry_delay = 1ms;
    if (change) change(settings.upstream);
  });
}

/// The beginning of the file under these headers, then FIN.
OriginHandler beginning(Headers headers = {{"ETag", "\"v1\""}}) {
  return serve_breaking({.body = the_body(), .headers = std::move(headers), .cuts = {kCut}});
}

/// A continuation with these headers and body; the Content-Length is right.
OriginHandler part(Headers headers, std::string body) {
  return status(206, std::move(headers), std::move(body));
}

Headers with(Headers headers, const std::string& name, const std::string& value) {
  headers.set(name, value);
  return headers;
}

/// What the client gets when the answers after the beginning are these; the last one repeats.
Response continued_by(std::vector<OriginHandler> answers, std::size_t& asked,
                      std::string_view more = {}) {
  ScriptedOrigin origin;
  answers.insert(answers.begin(), beginning());
  origin.on("/", in_sequence(std::move(answers)));
  const auto proxy = quick_resumes();
  RawConnection client(proxy.port());
  client.send(stream_request(proxy, origin.url("/"), more));
  auto response = client.read_response();
  CHECK((response.complete || client.closed_within(2s)));
  asked = origin.request_count();
  return response;
}

}  // namespace

TEST_CASE("A continuation that may belong to another file is refused", "[upstream][integration]") {
  const auto right = partial_headers(kCut, kRest, kSize);
  const auto rest = rest_of_body();
  struct Row {
    const char* why;
    OriginHandler answer;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"the file from its beginning", status(200, {{"ETag", "\"v1\""}}, the_body())},
      {"the rest as a whole file", status(200, {{"ETag", "\"v1\""}}, rest)},
      {"one byte too early", part(partial_headers(kCut - 1, kRest, kSize), rest)},
      {"one byte too late", part(partial_headers(kCut + 1, kRest - 1, kSize), rest.substr(1))},
      {"from the start", part(partial_headers(0, kSize, kSize), the_body())},
      {"file has grown", part(partial_headers(kCut, kRest, kSize + 1), rest)},
      {"file has shrunk", part(partial_headers(kCut, kRest - 1, kSize - 1), rest.substr(1))},
      {"other ETag", part(with(right, "ETag", "\"v2\""), rest)},
      {"ETag became weak", part(with(right, "ETag", "W/\"v1\""), rest)},
      {"no Content-Range", part({{"ETag", "\"v1\""}}, rest)},
      {"malformed Content-Range", part(with(right, "Content-Range", "bytes 100000"), rest)},
      {"other unit", part(with(right, "Content-Range", "lines 100000-299999/300000"), rest)},
      {"range that ends before it begins",
       part(with(right, "Content-Range", "bytes 100000-99999/300000"), rest)},
      {"range beyond the file",
       part(with(right, "Content-Range", "bytes 100000-300000/300000"), rest + "x")},
      {"several parts", part({{"ETag", "\"v1\""}, {"Content-Type", "multipart/byteranges; boundary=b"}},
                             "--b\r\nContent-Range: bytes 100000-299999/300000\r\n\r\n" + rest +
                                 "\r\n--b--\r\n")},
      {"other coding", part(with(right, "Content-Encoding", "gzip"), rest)},
      {"unsatisfiable", status(416, {{"Content-Range", "bytes */300000"}})},
      {"not found", status(404)},
      {"forbidden", status(403)},
      {"internal error", status(500)},
      {"unavailable for long", status(503, {{"Retry-After", "3600"}})},
      {"no content", status(204)},
      {"broken head", [](const OriginRequest&, Connection& connection) {
         connection.send_raw("nonsense\r\n\r\n");
         connection.close();
       }},
  }));
  INFO(row.why);
  std::size_t asked = 0;
  const auto response = continued_by({row.answer}, asked);
  CHECK(response.status == 200);
  check_cut(response, the_body(), kCut);
  CHECK(asked >= 2);
  CHECK(asked <= 4);
}

TEST_CASE("A continuation whose total is not told is taken", "[upstream][integration]") {
  std::size_t asked = 0;
  auto headers = partial_headers(kCut, kRest, kSize);
  headers.set("Content-Range", "bytes 100000-299999/*");
  check_whole(continued_by({part(headers, rest_of_body())}, asked), the_body());
  CHECK(asked == 2);
}

TEST_CASE("A continuation that fails for a moment is asked for again", "[upstream][integration]") {
  const auto good = part(partial_headers(kCut, kRest, kSize), rest_of_body());
  const auto failure = GENERATE(values<OriginHandler>(
      {hang_up(Ending::fin), hang_up(Ending::rst), status(502), status(503), status(504)}));
  std::size_t asked = 0;
  check_whole(continued_by({failure, good}, asked), the_body());
  CHECK(asked == 3);
  // An attempt to continue may itself be repeated, but not for ever.
  check_cut(continued_by({failure, failure, failure, failure}, asked), the_body(), kCut);
  CHECK(asked >= 3);
  CHECK(asked <= 4);
}

TEST_CASE("Continuations that bring nothing are given up", "[upstream][integration]") {
  const auto ending = GENERATE(Ending::fin, Ending::rst);
  const auto attempts = GENERATE(0U, 1U, 2U, 5U);
  CAPTURE(static_cast<int>(ending), attempts);
  ScriptedOrigin origin;
  origin.on("/", serve_breaking({.body = the_body(),
                                 .cuts = std::vector<std::size_t>(1000, kCut),
                                 .ending = ending}));
  const auto proxy =
      quick_resumes([&](upstream::Settings& upstream) { upstream.retry_attempts = attempts; });
  const auto response = proxy.fetch(kStream, origin.url("/"));
  check_cut(response, the_body(), kCut);
  // Of a reset some bytes may have been lost before, which the next attempt then brings.
  CHECK(origin.request_count() >= attempts + 1);
  CHECK(origin.request_count() <= (ending == Ending::fin ? 1 : 2) * attempts + 1);
}

TEST_CASE("A continuation never makes a body longer or wrong", "[upstream][integration]") {
  const auto right = partial_headers(kCut, kRest, kSize);
  struct Row {
    const char* why;
    OriginHandler answer;
  };
  const auto raw = [right](std::string framing_and_body) {
    std::string head =
        "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: " + right["Content-Range"] +
        "\r\n";
    return [bytes = head + framing_and_body](const OriginRequest&, Connection& connection) {
      connection.send_raw(bytes);
      connection.close();
    };
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"length longer than its range",
       raw("Content-Length: 200005\r\n\r\n" + rest_of_body() + "extra")},
      {"bytes beyond its length", raw("Content-Length: 200000\r\n\r\n" + rest_of_body() + "extra")},
      {"chunks longer than its range",
       raw("Transfer-Encoding: chunked\r\n\r\n30d45\r\n" + rest_of_body() + "extra\r\n0\r\n\r\n")},
      {"until close, longer than its range", raw("\r\n" + rest_of_body() + "extra")},
      {"chunks",
       raw("Transfer-Encoding: chunked\r\n\r\n30d40\r\n" + rest_of_body() + "\r\n0\r\n\r\n")},
      {"length shorter than its range",
       raw("Content-Length: 5\r\n\r\n" + rest_of_body().substr(0, 5))},
      {"chunks shorter than its range", raw("Transfer-Encoding: chunked\r\n\r\n5\r\n" +
                                            rest_of_body().substr(0, 5) + "\r\n0\r\n\r\n")},
      {"until close, shorter than its range", raw("\r\n" + rest_of_body().substr(0, 5))},
  }));
  INFO(row.why);
  // In chunks, no length tells the client that bytes are missing or too many.
  const auto* more = GENERATE("", "&x_headers=content-length");
  INFO(more);
  std::size_t asked = 0;
  const auto response = continued_by({row.answer}, asked, more);
  if (response.complete) {
    check_whole(response, the_body());
  } else {
    check_cut(response, the_body());
  }
}

TEST_CASE("A body that could have changed is not continued", "[upstream][integration]") {
  const std::string modified = "Wed, 01 Jan 2025 00:00:00 GMT";
  struct Row {
    const char* why;
    Headers headers;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"no validator", {}},
      {"weak ETag", {{"ETag", "W/\"v1\""}}},
      {"Last-Modified as new as Date", {{"Last-Modified", modified}, {"Date", modified}}},
      {"Last-Modified newer than Date",
       {{"Last-Modified", modified}, {"Date", "Tue, 31 Dec 2024 00:00:00 GMT"}}},
      {"Last-Modified that is no date",
       {{"Last-Modified", "yesterday"}, {"Date", "Thu, 02 Jan 2025 00:00:00 GMT"}}},
  }));
  INFO(row.why);
  ScriptedOrigin origin;
  origin.on("/", beginning(row.headers));
  const auto proxy = quick_resumes();
  check_cut(proxy.fetch(kStream, origin.url("/")), the_body(), kCut);
  CHECK(origin.request_count() == 1);
}

TEST_CASE("Nothing is continued with resume off", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", beginning());
  const auto proxy = quick_resumes([](upstream::Settings& upstream) { upstream.resume = false; });
  check_cut(proxy.fetch(kStream, origin.url("/")), the_body(), kCut);
  CHECK(origin.request_count() == 1);
}

TEST_CASE("A body of unknown length is not continued", "[upstream][integration]") {
  const auto ending = GENERATE(Ending::fin, Ending::rst);
  CAPTURE(static_cast<int>(ending));
  ScriptedOrigin origin;
  const auto end = [ending](Connection& connection) {
    ending == Ending::rst ? connection.reset() : connection.close();
  };
  origin.on("/chunked", [&](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"ETag", "\"v1\""}, {"Transfer-Encoding", "chunked"}});
    connection.send_chunk(std::string_view(the_body()).substr(0, kCut));
    end(connection);
  });
  const auto proxy = quick_resumes();
  check_cut(proxy.fetch(kStream, origin.url("/chunked")), the_body(), kCut);
  CHECK(origin.request_count() == 1);
  if (ending == Ending::fin) return;
  origin.on("/close", [&](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"ETag", "\"v1\""}});
    connection.send(std::string_view(the_body()).substr(0, kCut));
    end(connection);
  });
  check_cut(proxy.fetch(kStream, origin.url("/close")), the_body(), kCut);
  CHECK(origin.requests_to("/close").size() == 1);
}

}  // namespace sluice::test
