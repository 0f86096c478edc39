#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStream = "/proxy/stream";

auto password(std::string text) {
  return [text = std::move(text)](app::Settings& settings) { settings.auth.api_password = text; };
}

bool opens(const Proxy& proxy, const ScriptedOrigin& origin, const std::string& text) {
  return proxy.fetch(kStream, origin.url("/a"), "&api_password=" + text).status == 200;
}

}  // namespace

TEST_CASE("Reloaded settings hold for the next request, and not for one under way",
          "[server][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(300'000);
  std::atomic<bool> go_on = false;
  origin.on("/a", status(200, {}, "a"));
  origin.on("/slow", [&](const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", std::to_string(body.size())}});
    connection.send(body.substr(0, 1000));
    while (!go_on && connection.pause(1ms)) {
    }
    connection.send(body.substr(1000));
  });
  Proxy proxy(password("orchid-1"));
  REQUIRE(opens(proxy, origin, "orchid-1"));
  REQUIRE_FALSE(opens(proxy, origin, "orchid-2"));

  RawConnection under_way(proxy.port());
  under_way.send(request_bytes(
      proxy.port(), "GET", Proxy::target(kStream, origin.url("/slow"), "&api_password=orchid-1")));
  auto response = under_way.read_head();
  CHECK(response.status == 200);
  RawConnection idle(proxy.port());
  const auto ask_idle = [&](const std::string& text) {
    idle.send(request_bytes(proxy.port(), "GET",
                            Proxy::target(kStream, origin.url("/a"), "&api_password=" + text)));
    return idle.read_response().status;
  };
  CHECK(ask_idle("orchid-1") == 200);

  proxy.reload(password("orchid-2"));
  CHECK(eventually([&] { return opens(proxy, origin, "orchid-2"); }));
  CHECK(eventually([&] { return !opens(proxy, origin, "orchid-1"); }));
  CHECK(ask_idle("orchid-2") == 200);  // on a connection from before
  CHECK(ask_idle("orchid-1") == 403);
  go_on = true;
  CHECK(under_way.read_body(response, body.size() - response.body.size()));
  CHECK(response.body == body);
}

TEST_CASE("Reloading closes kept connections and counts none twice", "[server][integration]") {
  ScriptedOrigin origin;
  origin.on("/a", status(200, {}, "a"));
  const auto limited = [](app::Settings& settings) {
    settings.upstream.max_concurrent_per_host = 1;
    settings.upstream.limiter_wait = 5s;
  };
  Proxy proxy(limited);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 4; ++i) CHECK(proxy.fetch(kStream, origin.url("/a")).status == 200);
    CHECK(eventually([&] { return origin.open_connections() <= 1; }));
    proxy.reload([&](app::Settings& settings) {
      limited(settings);
      settings.upstream.user_agent = "agent " + std::to_string(round);
    });
    CHECK(eventually([&] {
      return proxy.fetch(kStream, origin.url("/a")).status == 200 &&
             origin.requests().back().headers["User-Agent"] == "agent " + std::to_string(round);
    }));
  }
}

TEST_CASE("A limit that is raised lets those go on who wait", "[server][integration]") {
  ScriptedOrigin origin;
  std::atomic<int> running = 0;
  std::atomic<bool> go_on = false;
  origin.on("/a", [&](const OriginRequest&, Connection& connection) {
    ++running;
    while (!go_on && connection.pause(1ms)) {
    }
    connection.send_response(200, {}, "a");
  });
  const auto limit = [](unsigned at_once) {
    return
        [at_once](app::Settings& settings) { settings.upstream.max_concurrent_per_host = at_once; };
  };
  Proxy proxy(limit(1));
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      if (proxy.fetch(kStream, origin.url("/a")).status == 200) ++good;
    });
  }
  CHECK(eventually([&] { return running == 1; }));
  proxy.reload(limit(4));
  CHECK(eventually([&] { return running == 4; }));
  go_on = true;
  for (auto& client : clients) client.join();
  CHECK(good == 4);
}

TEST_CASE("Reloading under load breaks nothing", "[server][integration]") {
  ScriptedOrigin origin;
  const auto body = random_bytes(200'000);
  origin.on("/a", serve_body(body));
  Proxy proxy(password("orchid"));
  std::atomic<bool> stop = false;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      while (!stop) {
        const auto response = proxy.fetch(kStream, origin.url("/a"), "&api_password=orchid");
        ++(response.status == 200 && response.body == body ? good : bad);
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    proxy.reload([&](app::Settings& settings) {
      password("orchid")(settings);
      settings.upstream.pool_max_idle_per_host = static_cast<unsigned>(i % 2);
      settings.upstream.max_concurrent_per_host = static_cast<unsigned>(i % 3);
    });
    const int before = good;
    CHECK(eventually([&] { return good > before + 3; }));
  }
  stop = true;
  for (auto& client : clients) client.join();
  CHECK(bad == 0);
}

}  // namespace sluice::test
