#include <string>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"
#include "support/transfer.hpp"

namespace sluice::test {
namespace {

const std::vector<std::size_t> kSizes{0,      1,       60 * 1024, 65'535,         65'536,
                                      65'537, 200'000, 3,         1024 * 1024 + 1};

void serve_all(ScriptedOrigin& origin) {
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    const auto body = random_bytes(kSizes[i], i + 20);
    const auto name = std::to_string(i);
    origin.on("/length/" + name, status(200, {}, body));
    origin.on("/chunked/" + name, chunked(body, {1, 70'000, 5, 61'440}));
    origin.on("/close/" + name, until_close(body));
  }
}

std::string as_http_1_0(std::string request) {
  return request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
}

}  // namespace

TEST_CASE("Every way from origin to client gives the same bytes, one after another",
          "[delivery][integration]") {
  ScriptedOrigin plain;
  serve_all(plain);
  OriginOptions options;
  options.host = "localhost";
  options.tls = self_signed({{"localhost"}, {}});
  ScriptedOrigin secure(options);
  serve_all(secure);
  const Proxy proxy([](app::Settings& settings) {
    settings.server.workers = 1;
    settings.upstream.verify_tls = false;
  });
  RawConnection client(proxy.port());
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    for (const auto* origin : {&plain, &secure}) {
      for (const std::string way : {"/length/", "/chunked/", "/close/"}) {
        const auto url = origin->url(way + std::to_string(i));
        INFO(url << ", " << kSizes[i] << " bytes");
        const auto body = random_bytes(kSizes[i], i + 20);

        REQUIRE(client.send(stream_request(proxy, url)));
        check_whole(client.read_response(), body);

        REQUIRE(client.send(stream_request(proxy, url, "&x_headers=content-length")));
        const auto in_chunks = client.read_response();
        check_whole(in_chunks, body);
        CHECK(in_chunks.framing == Framing::chunked);

        REQUIRE(
            client.send(request_bytes(proxy.port(), "HEAD", Proxy::target("/proxy/stream", url))));
        const auto head = client.read_response(true);
        CHECK(head.complete);
        CHECK(head.body.empty());

        RawConnection old(proxy.port());
        REQUIRE(old.send(as_http_1_0(stream_request(proxy, url))));
        const auto to_old = old.read_response();
        check_whole(to_old, body);
        CHECK(to_old.closed_after);
      }
    }
  }
  CHECK(plain.problems().empty());
  CHECK(secure.problems().empty());
}

TEST_CASE("Ranges of a body are exact through the relay", "[delivery][integration]") {
  const auto body = random_bytes(1024 * 1024, 30);
  ScriptedOrigin origin;
  origin.on("/", serve_body(body));
  const Proxy proxy([](app::Settings& settings) { settings.server.workers = 1; });
  RawConnection client(proxy.port());
  struct Row {
    std::size_t first;
    std::size_t size;
  };
  const Row rows[] = {{0, 1},         {0, 61'440},          {1, 65'536},      {524'287, 2},
                      {999, 700'001}, {1024 * 1024 - 1, 1}, {0, 1024 * 1024}, {7, 0xFFFF}};
  for (const auto& row : rows) {
    INFO(row.first << " + " << row.size);
    const auto range =
        "bytes=" + std::to_string(row.first) + "-" + std::to_string(row.first + row.size - 1);
    REQUIRE(client.send(stream_request(proxy, origin.url("/"), "", {{"Range", range}})));
    check_whole(client.read_response(), std::string_view(body).substr(row.first, row.size), 206);
  }
  CHECK(origin.connection_count() == 1);
}

TEST_CASE("Clients in every way at once each get their own bytes", "[delivery][integration]") {
  constexpr std::size_t kClients = 16;
  ScriptedOrigin origin;
  serve_all(origin);
  const Proxy proxy([](app::Settings& settings) { settings.upstream.max_concurrent_per_host = 0; });
  const std::string ways[] = {"/length/", "/chunked/", "/close/", "/length/"};
  std::vector<std::vector<Response>> got(kClients);
  in_parallel(kClients, [&](std::size_t i) {
    RawConnection client(proxy.port());
    for (std::size_t k = 0; k < kSizes.size(); ++k) {
      const auto which = std::to_string((i + k) % kSizes.size());
      const auto* more = i % 4 == 3 ? "&x_headers=content-length" : "";
      client.send(stream_request(proxy, origin.url(ways[i % 4] + which), more));
      got[i].push_back(client.read_response());
    }
  });
  for (std::size_t i = 0; i < kClients; ++i) {
    for (std::size_t k = 0; k < kSizes.size(); ++k) {
      const auto which = (i + k) % kSizes.size();
      INFO("client " << i << ", body " << which);
      check_whole(got[i][k], random_bytes(kSizes[which], which + 20));
    }
  }
}

}  // namespace sluice::test
