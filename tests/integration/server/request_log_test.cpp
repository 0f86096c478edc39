#include <boost/json/parse.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/captured_log.hpp"
#include "support/catch.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kStream = "/proxy/stream";

Proxy logging(log::Format format) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 2;
    settings.upstream.retry_attempts = 0;
    settings.auth.api_password = "pass-word";
    settings.log.format = format;
  });
}

}  // namespace

TEST_CASE("Every response has an id of its own", "[server][log][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {{"X-Request-Id", "origins-own"}}));
  Proxy proxy;
  const auto port = proxy.port();
  const Headers theirs{{"X-Request-Id", "clients-own"}};
  RawConnection malformed(port);
  malformed.send("nonsense\r\n\r\n");
  std::vector<Response> responses{malformed.read_response(),
                                  get(port, "/health"),
                                  request(port, "HEAD", "/health"),
                                  request(port, "OPTIONS", "/health"),
                                  get(port, "/nowhere"),
                                  get(port, "/proxy/stream"),
                                  get(port, "/health", theirs),
                                  proxy.fetch(kStream, origin.url("/"), "&r_x-request-id=z"),
                                  proxy.fetch(kStream, "http://127.0.0.1:1/")};
  RawConnection reused(port);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(reused.send(request_bytes(port, "GET", "/health")));
    responses.push_back(reused.read_response());
  }
  std::set<std::string> ids;
  for (const auto& response : responses) {
    REQUIRE(response.headers.count("X-Request-Id") == 1);
    const auto id = response.headers["X-Request-Id"];
    CHECK(std::regex_match(id, std::regex("[0-9a-f]{16}")));
    ids.insert(id);
  }
  CHECK(ids.size() == responses.size());
}

TEST_CASE("The line of a request has its id, and neither query nor path",
          "[server][log][integration]") {
  ScriptedOrigin origin;
  origin.on("/hidden-path", serve_body("0123456789"));
  const CapturedLog log;
  const auto proxy = logging(log::Format::text);
  const auto good =
      proxy.fetch(kStream, origin.url("/hidden-path"), "&api_password=pass-word&secret=value");
  const auto unknown = get(proxy.port(), "/hidden-path?secret=value");
  const auto bad =
      proxy.fetch(kStream, "http://127.0.0.1:1/hidden-path", "&api_password=pass-word");
  const auto line_of = [&](const Response& response) {
    const auto lines = log.wait_for(response.headers["X-Request-Id"]);
    REQUIRE(lines.size() == 1);
    return lines[0];
  };
  const auto id = [](const Response& response) { return response.headers["X-Request-Id"]; };
  const std::string times = R"([0-9.]+ ms \(dial [0-9.]+, first byte [0-9.]+\))";
  CHECK(std::regex_match(line_of(good), std::regex("info " + id(good) +
                                                   R"( 127\.0\.0\.1 GET /proxy/stream)"
                                                   " 200 10 B " +
                                                   times)));
  CHECK(std::regex_match(line_of(unknown),
                         std::regex("info " + id(unknown) + R"( 127\.0\.0\.1 GET - 404 [0-9]+ B )" +
                                    times + " not_found")));
  CHECK(std::regex_match(line_of(bad), std::regex("warning " + id(bad) +
                                                  R"( 127\.0\.0\.1 GET /proxy/stream)"
                                                  " 502 [0-9]+ B " +
                                                  times + " connect_failed: .*")));
  for (const auto& line : log.lines()) {
    CAPTURE(line);
    for (const auto* secret : {"hidden", "secret", "value", "pass-word"}) {
      CHECK(line.find(secret) == std::string::npos);
    }
  }
}

TEST_CASE("The line of a request in JSON has a field for each thing",
          "[server][log][integration]") {
  ScriptedOrigin origin;
  origin.on("/", serve_body("0123456789"));
  const CapturedLog log;
  const auto proxy = logging(log::Format::json);
  const auto fields_of = [&](const Response& response) {
    const auto lines = log.wait_for(response.headers["X-Request-Id"]);
    REQUIRE(lines.size() == 1);
    return boost::json::parse(lines[0]).as_object();
  };
  const auto names = [](const boost::json::object& object) {
    std::string all;
    for (const auto& member : object) all.append(member.key_c_str()).append(" ");
    return all;
  };
  const std::string first = "time level message id client method route status bytes duration_ms ";

  const auto good = proxy.fetch(kStream, origin.url("/"), "&api_password=pass-word");
  const auto fields = fields_of(good);
  CHECK(names(fields) == first + "dial_ms first_byte_ms ");
  CHECK(std::regex_match(fields.at("time").as_string().c_str(),
                         std::regex(R"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ)")));
  CHECK(fields.at("level") == "info");
  CHECK(fields.at("message") == "request");
  CHECK(fields.at("id").as_string().c_str() == good.headers["X-Request-Id"]);
  CHECK(fields.at("method") == "GET");
  CHECK(fields.at("route") == "/proxy/stream");
  CHECK(fields.at("status") == 200);
  CHECK(fields.at("bytes") == 10);
  const auto number = [&](const char* name) { return fields.at(name).as_double(); };
  CHECK(number("first_byte_ms") >= number("dial_ms"));
  CHECK(number("duration_ms") >= number("first_byte_ms"));

  const auto refused = get(proxy.port(), "/proxy/stream");
  CHECK(names(fields_of(refused)) == first + "error ");
  CHECK(fields_of(refused).at("error") == "no_credentials");

  const auto failed = proxy.fetch(kStream, "http://127.0.0.1:1/", "&api_password=pass-word");
  const auto warning = fields_of(failed);
  CHECK(names(warning) == first + "error reason ");
  CHECK(warning.at("level") == "warning");
  CHECK(warning.at("error") == "connect_failed");

  RawConnection malformed(proxy.port());
  malformed.send("nonsense\r\n\r\n");
  const auto unread = fields_of(malformed.read_response());
  CHECK(unread.at("method") == "-");
  CHECK(unread.at("route") == "-");
  CHECK(unread.at("status") == 400);
}

TEST_CASE("Server-Timing is told where it is asked for", "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/", status(200, {}, "x"));
  const auto proxy = logging(log::Format::text);
  const std::string dur = R"(;dur=[0-9]+\.[0-9]{2})";
  struct Row {
    const char* why;
    std::string target;
    std::string want;  ///< empty: no header
  };
  const auto stream = Proxy::target(kStream, origin.url("/"), "&api_password=pass-word");
  const Row rows[] = {
      {"not asked for", stream, ""},
      {"a flag that is off", stream + "&server_timing=false", ""},
      {"from an origin", stream + "&server_timing=true",
       "auth" + dur + ", dial" + dur + ", first_byte" + dur + ", total" + dur},
      {"let in, but without a destination", "/proxy/stream?server_timing=1&api_password=pass-word",
       "auth" + dur + ", total" + dur},
      {"nobody was let in", "/health?server_timing=1", ""},
      {"refused, and no time tells why", "/proxy/stream?server_timing=true", ""},
      {"unknown path", "/nowhere?server_timing=true", ""},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto response = get(proxy.port(), row.target);
    const bool wanted = !row.want.empty();
    CHECK(response.headers.count("Server-Timing") == (wanted ? 1 : 0));
    CHECK(response.headers.count("Timing-Allow-Origin") == (wanted ? 1 : 0));
    if (!wanted) continue;
    CAPTURE(response.headers["Server-Timing"]);
    CHECK(std::regex_match(response.headers["Server-Timing"], std::regex(row.want)));
    CHECK(response.headers["Timing-Allow-Origin"] == "*");
  }
}

}  // namespace sluice::test
