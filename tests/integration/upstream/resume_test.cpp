#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "support/breaking_file.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";

Proxy quick_resumes(const std::function<void(upstream::Settings&)>& change = {}) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.retry_delay = 1ms;
    if (change) change(settings.upstream);
  });
}

/// `count` ascending positions strictly inside (first, end), different for each seed.
std::vector<std::size_t> random_cuts(std::size_t count, std::size_t first, std::size_t end,
                                     std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::vector<std::size_t> cuts;
  while (cuts.size() < count) {
    const auto cut = first + 1 + generator() % (end - first - 1);
    if (std::find(cuts.begin(), cuts.end(), cut) == cuts.end()) cuts.push_back(cut);
  }
  std::sort(cuts.begin(), cuts.end());
  return cuts;
}

/// Checks that every request after the first asks for the rest of a file up to `end`, a little
/// further each time, under this validator.
void check_continuations(const std::vector<OriginRequest>& requests,
                         const std::vector<std::size_t>& cuts, std::size_t end,
                         const std::string& validator) {
  REQUIRE(requests.size() == cuts.size() + 1);
  for (std::size_t i = 1; i < requests.size(); ++i) {
    const auto& headers = requests[i].headers;
    const auto range = headers["Range"];
    INFO("continuation " << i << ": " << range << ", the cut was at " << cuts[i - 1]);
    CHECK(requests[i].method == "GET");
    CHECK(requests[i].target == requests[0].target);
    CHECK(headers.count("Range") == 1);
    CHECK(headers.all("If-Range") == std::vector<std::string>{validator});
    REQUIRE(range.starts_with("bytes="));
    const auto dash = range.find('-');
    REQUIRE(dash != std::string::npos);
    const auto first = std::stoul(range.substr(6, dash - 6));
    CHECK(first <= cuts[i - 1]);
    CHECK((i < 2 || first >= cuts[i - 2]));
    const auto last = range.substr(dash + 1);
    CHECK((last.empty() || last == std::to_string(end - 1)));
    for (const auto& line : requests[0].headers) {
      if (equal_ignoring_case(line.name, "Range") || equal_ignoring_case(line.name, "If-Range")) {
        continue;
      }
      INFO(line.name);
      CHECK(headers[line.name] == line.value);
    }
  }
}

}  // namespace

TEST_CASE("A body that breaks off is continued where it stopped", "[upstream][integration]") {
  const auto ending = GENERATE(Ending::fin, Ending::rst);
  CAPTURE(static_cast<int>(ending));
  constexpr std::size_t kSize = 700'001;
  const auto body = random_bytes(kSize, 40);
  ScriptedOrigin origin;
  const auto proxy = quick_resumes();
  RawConnection client(proxy.port());
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    // More breaks than attempts: each attempt that brings something starts the count again.
    const auto cuts = random_cuts(1 + seed % 6, 0, kSize, seed);
    CAPTURE(seed, cuts);
    const auto path = "/" + std::to_string(seed);
    origin.on(path, serve_breaking({.body = body, .cuts = cuts, .ending = ending}));
    REQUIRE(client.send(stream_request(proxy, origin.url(path))));
    const auto response = client.read_response();
    check_whole(response, body);
    CHECK(response.headers["Content-Length"] == std::to_string(kSize));
    CHECK_FALSE(response.headers.contains("Content-Range"));
    check_continuations(origin.requests_to(path), cuts, kSize, "\"v1\"");
  }
}

TEST_CASE("A continuation that brings something starts the count of attempts again",
          "[upstream][integration]") {
  struct Row {
    unsigned attempts;
    std::vector<std::size_t> cuts;
  };
  const auto row = GENERATE(values<Row>({
      {1, {50'000, 100'000, 150'000}},
      {1, {1, 2, 3, 4, 5, 6, 7, 8}},
      {2, {50'000, 50'000, 100'000, 100'000, 150'000, 150'000}},
      {3, {50'000, 50'000, 50'000, 100'000, 100'000, 100'000, 150'000}},
  }));
  CAPTURE(row.attempts, row.cuts);
  const auto body = random_bytes(200'000, 46);
  ScriptedOrigin origin;
  origin.on("/", serve_breaking({.body = body, .cuts = row.cuts}));
  const auto proxy =
      quick_resumes([&](upstream::Settings& upstream) { upstream.retry_attempts = row.attempts; });
  check_whole(proxy.fetch(kStream, origin.url("/")), body);
  CHECK(origin.request_count() == row.cuts.size() + 1);
}

TEST_CASE("A server that gives little at a time is asked until all is there",
          "[upstream][integration]") {
  const auto* more = GENERATE("", "&x_headers=content-length");
  INFO(more);
  const auto body = random_bytes(200'000, 47);
  ScriptedOrigin origin;
  // The first answer breaks off; those to ranges are whole, but of 30'000 bytes at most.
  origin.on("/", [&](const OriginRequest& request, Connection& connection) {
    const auto range = request.headers["Range"];
    if (range.empty()) {
      connection.send_head(200, {{"ETag", "\"v1\""}, {"Content-Length", "200000"}});
      connection.send(std::string_view(body).substr(0, 70'000));
      connection.close();
      return;
    }
    const auto first = std::stoul(range.substr(6));
    const auto size = std::min<std::size_t>(30'000, body.size() - first);
    connection.send_response(206, partial_headers(first, size, body.size()),
                             std::string_view(body).substr(first, size));
  });
  const auto proxy = quick_resumes();
  check_whole(proxy.fetch(kStream, origin.url("/"), more), body);
  CHECK(origin.request_count() == 6);
}

TEST_CASE("A body is continued at the edges of buffers", "[upstream][integration]") {
  const std::size_t cut = GENERATE(as<std::size_t>{}, 1, 2, 61'439, 61'440, 61'441, 65'535, 65'536,
                                   65'537, 199'998, 199'999);
  const auto ending = GENERATE(Ending::fin, Ending::rst);
  CAPTURE(cut, static_cast<int>(ending));
  const auto body = random_bytes(200'000, 41);
  ScriptedOrigin origin;
  origin.on("/", serve_breaking({.body = body, .cuts = {cut}, .ending = ending}));
  const auto proxy = quick_resumes();
  check_whole(proxy.fetch(kStream, origin.url("/")), body);
  check_continuations(origin.requests(), {cut}, body.size(), "\"v1\"");
}

TEST_CASE("A Last-Modified older than Date is a validator, too", "[upstream][integration]") {
  const auto body = random_bytes(300'000, 42);
  const std::string modified = "Wed, 01 Jan 2025 00:00:00 GMT";
  ScriptedOrigin origin;
  origin.on("/", serve_breaking({.body = body,
                                 .headers = {{"Last-Modified", modified},
                                             {"Date", "Thu, 02 Jan 2025 00:00:00 GMT"}},
                                 .cuts = {100'000, 200'000}}));
  const auto proxy = quick_resumes();
  check_whole(proxy.fetch(kStream, origin.url("/")), body);
  check_continuations(origin.requests(), {100'000, 200'000}, body.size(), modified);
}

TEST_CASE("A range that breaks off is continued at its place in the file",
          "[upstream][integration]") {
  constexpr std::size_t kSize = 500'000;
  struct Row {
    const char* range;
    std::size_t first;
    std::size_t end;
  };
  const auto row = GENERATE(values<Row>({
      {"bytes=0-", 0, kSize},
      {"bytes=1000-", 1000, kSize},
      {"bytes=1000-400000", 1000, 400'001},
      {"bytes=0-399999", 0, 400'000},
      {"bytes=-300000", 200'000, kSize},
      {"bytes=1000-9999999", 1000, kSize},
  }));
  const bool conditional = GENERATE(false, true);
  CAPTURE(row.range, conditional);
  const auto body = random_bytes(kSize, 43);
  const auto cuts = random_cuts(4, row.first, row.end, row.end);
  ScriptedOrigin origin;
  origin.on("/", serve_breaking({.body = body, .cuts = cuts}));
  const auto proxy = quick_resumes();
  Headers headers{{"Range", row.range}};
  if (conditional) headers.add("If-Range", "\"v1\"");
  const auto response = proxy.fetch(kStream, origin.url("/"), "&h_referer=http%3A%2F%2Fa", headers);
  check_whole(response, std::string_view(body).substr(row.first, row.end - row.first), 206);
  CHECK(response.headers["Content-Range"] ==
        partial_headers(row.first, row.end - row.first, kSize)["Content-Range"]);
  check_continuations(origin.requests(), cuts, row.end, "\"v1\"");
}

TEST_CASE("A body is continued for every kind of client", "[upstream][integration]") {
  const auto body = random_bytes(300'000, 44);
  const BreakingFile file{.body = body, .cuts = {70'000, 70'001, 150'000, 290'000}};
  ScriptedOrigin origin;
  for (const auto* path : {"/hidden", "/old", "/segment.ts"}) origin.on(path, serve_breaking(file));
  const auto proxy = quick_resumes();
  const auto hidden = proxy.fetch(kStream, origin.url("/hidden"), "&x_headers=content-length");
  check_whole(hidden, body);
  CHECK(hidden.framing == Framing::chunked);
  check_whole(proxy.fetch("/proxy/hls/segment.ts", origin.url("/segment.ts")), body);
  auto request = stream_request(proxy, origin.url("/old"));
  RawConnection old(proxy.port());
  REQUIRE(old.send(request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0")));
  check_whole(old.read_response(), body);
}

TEST_CASE("A body over TLS is continued", "[upstream][integration]") {
  constexpr std::size_t kSize = 400'000;
  const auto body = random_bytes(kSize, 45);
  OriginOptions options;
  options.host = "localhost";
  options.tls = self_signed({{"localhost"}, {}});
  ScriptedOrigin origin(options);
  const auto proxy =
      quick_resumes([](upstream::Settings& upstream) { upstream.verify_tls = false; });
  for (const auto ending : {Ending::fin, Ending::rst}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(static_cast<int>(ending), seed);
      const auto cuts = random_cuts(4, 0, kSize, seed);
      const auto path = "/" + std::to_string(seed) + (ending == Ending::rst ? "r" : "f");
      origin.on(path, serve_breaking({.body = body, .cuts = cuts, .ending = ending}));
      check_whole(proxy.fetch(kStream, origin.url(path)), body);
      check_continuations(origin.requests_to(path), cuts, kSize, "\"v1\"");
    }
  }
}

TEST_CASE("Many bodies that break off at once are all continued", "[upstream][integration]") {
  constexpr std::size_t kClients = 20;
  ScriptedOrigin origin;
  for (std::size_t i = 0; i < kClients; ++i) {
    origin.on("/" + std::to_string(i), serve_breaking({.body = random_bytes(200'000 + i, i),
                                                       .cuts = random_cuts(5, 0, 200'000, i + 1)}));
  }
  const auto proxy =
      quick_resumes([](upstream::Settings& upstream) { upstream.max_concurrent_per_host = 3; });
  std::vector<Response> got(kClients);
  in_parallel(kClients, [&](std::size_t i) {
    got[i] = proxy.fetch(kStream, origin.url("/" + std::to_string(i)));
  });
  for (std::size_t i = 0; i < kClients; ++i) check_whole(got[i], random_bytes(200'000 + i, i));
}

TEST_CASE("HEAD of a file that breaks off is asked once", "[upstream][integration]") {
  ScriptedOrigin origin;
  origin.on("/", serve_breaking({.body = random_bytes(100'000), .cuts = {1, 2, 3}}));
  const auto proxy = quick_resumes();
  const auto head = request(proxy.port(), "HEAD", Proxy::target(kStream, origin.url("/")));
  CHECK(head.status == 200);
  CHECK(head.headers["Content-Length"] == "100000");
  CHECK(origin.request_count() == 1);
}

}  // namespace sluice::test
