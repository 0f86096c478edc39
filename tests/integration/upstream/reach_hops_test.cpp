#include <string>
#include <string_view>
#include <vector>

#include "integration/upstream/error_reply.hpp"
#include "support/catch.hpp"
#include "support/fake_resolver.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {
namespace {

using upstream::Reach;

constexpr std::string_view kStart = "http://start.test";
constexpr std::string_view kManifest = "/proxy/hls/manifest.m3u8";
constexpr std::string_view kRoutes[] = {"/proxy/stream", kManifest, "/proxy/hls/segment.ts"};

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// Sluice under a reach that refuses loopback, and yet a first hop on loopback: http://start.test
/// is fetched through a forwarding proxy, everything else directly.
struct Setup {
  explicit Setup(Reach reach)
      : proxy([&](app::Settings& settings) {
          settings.upstream.reach = reach;
          settings.proxy.transport_routes = {
              {std::string(kStart), true, "http://" + start.authority()}};
        }) {
    names.answer("trap.fake", "127.0.0.1");
    names.answer("both.fake", {{"127.0.0.1", "169.254.169.254", "::1"}});
    trap.on_prefix("/", status(200, {}, "escaped"));
  }

  /// `text` with TRAP for the trap's port, SELF for Sluice's.
  [[nodiscard]] std::string with_ports(std::string_view text) const {
    return replaced(replaced(std::string(text), "TRAP", std::to_string(trap.port())), "SELF",
                    std::to_string(proxy.port()));
  }
  void on(std::string_view path, OriginHandler handler) {
    start.on(std::string(kStart).append(path), std::move(handler));
  }

  FakeResolver names;
  ScriptedOrigin start;
  ScriptedOrigin trap;
  Proxy proxy;
};

/// The URLs of `proxy` in a rewritten playlist, from the path on.
std::vector<std::string> children(const std::string& playlist, const Proxy& proxy) {
  const auto base = "http://127.0.0.1:" + std::to_string(proxy.port());
  std::vector<std::string> found;
  for (auto at = playlist.find(base); at != playlist.npos; at = playlist.find(base, at)) {
    at += base.size();
    found.push_back(playlist.substr(at, playlist.find_first_of("\"\n", at) - at));
  }
  return found;
}

}  // namespace

TEST_CASE("A redirect to an address that is refused is not followed", "[upstream][integration]") {
  struct Row {
    const char* why;
    const char* location;
  };
  const auto row = GENERATE(values<Row>({
      {"absolute", "http://127.0.0.1:TRAP/"},
      {"relative to the scheme", "//127.0.0.1:TRAP/"},
      {"with a user", "http://start.test@127.0.0.1:TRAP/"},
      {"with a user, relative", "//start.test:80@127.0.0.1:TRAP/"},
      {"scheme in capitals", "HTTP://127.0.0.1:TRAP/"},
      {"short", "http://127.1:TRAP/"},
      {"one number", "//2130706433:TRAP/"},
      {"octal", "http://0177.0.0.1:TRAP/"},
      {"hex", "http://0x7f.1:TRAP/"},
      {"nobody's", "http://0:TRAP/"},
      {"by name", "http://localhost:TRAP/"},
      {"by name, with a dot", "http://localhost.:TRAP/"},
      {"mapped", "http://[::ffff:127.0.0.1]:TRAP/"},
      {"IPv6", "http://[::1]:TRAP/"},
      {"a name that leads there", "http://trap.fake:TRAP/"},
      {"a name that leads nowhere else", "http://both.fake:TRAP/"},
      {"blanks around it", "  http://127.0.0.1:TRAP/  "},
      {"a fragment", "http://127.0.0.1:TRAP/#@start.test/"},
      {"https", "https://127.0.0.1:TRAP/"},
      {"metadata", "http://169.254.169.254/latest/meta-data/"},
      {"the server itself", "http://127.0.0.1:SELF/health"},
      {"after another hop", "/again"},
  }));
  INFO(row.why);
  const auto code = GENERATE(301, 303, 307);
  Setup setup(GENERATE(Reach::lan, Reach::public_only));
  setup.on("/from", redirect_to(setup.with_ports(row.location), code));
  setup.on("/again", redirect_to(setup.with_ports("//127.0.0.1:TRAP/"), code));
  for (const auto route : kRoutes) {
    check_error(setup.proxy.fetch(route, std::string(kStart) + "/from"), 403, "upstream.reach");
  }
  CHECK(setup.start.request_count() == (row.location == std::string("/again") ? 6 : 3));
  CHECK(setup.trap.connection_count() == 0);
}

TEST_CASE("A redirect to the server itself is not followed under any reach",
          "[upstream][integration]") {
  Setup setup(Reach::any);
  const std::string location = GENERATE(
      "http://127.0.0.1:SELF/health", "//127.0.0.1:SELF/health", "http://a@127.0.0.1:SELF/health",
      "http://localhost:SELF/", "http://0:SELF/", "http://trap.fake:SELF/",
      "http://127.0.0.1:SELF/proxy/stream?d=http%3A%2F%2Fstart.test%2Ffrom");
  INFO(location);
  setup.on("/from", redirect_to(setup.with_ports(location)));
  for (const auto route : kRoutes) {
    check_error(setup.proxy.fetch(route, std::string(kStart) + "/from"), 403, "this server itself");
  }
  CHECK(setup.start.request_count() == 3);
}

TEST_CASE("What a playlist leads to is refused when it is fetched", "[upstream][integration]") {
  struct Row {
    const char* why;
    const char* playlist;  ///< HOST stands for the address that is refused
    std::size_t children;
  };
  const auto row = GENERATE(values<Row>({
      {"segment", "#EXTINF:4,\nhttp://HOST/a.ts\n", 1},
      {"segment, relative to the scheme", "#EXTINF:4,\n//HOST/a.ts\n", 1},
      {"segment with a user", "#EXTINF:4,\nhttp://start.test@HOST/a.ts\n", 1},
      {"key", "#EXT-X-KEY:METHOD=AES-128,URI=\"http://HOST/k\"\n#EXTINF:4,\nhttp://HOST/a.ts\n", 2},
      {"map", "#EXT-X-MAP:URI=\"http://HOST/init.mp4\"\n", 1},
      {"part and hint",
       "#EXT-X-PART:DURATION=1,URI=\"http://HOST/p.mp4\"\n"
       "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"//HOST/h.mp4\"\n",
       2},
      {"report", "#EXT-X-RENDITION-REPORT:URI=\"http://HOST/r.m3u8\"\n", 1},
      {"variant", "#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://HOST/v.m3u8\n", 1},
      {"rendition", "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"//HOST/a.m3u8\"\n", 1},
      {"I-frames", "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"http://HOST/i.m3u8\"\n", 1},
      {"session key", "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"http://HOST/k\"\n", 1},
      {"session data", "#EXT-X-SESSION-DATA:DATA-ID=\"a\",URI=\"http://HOST/d.json\"\n", 1},
  }));
  INFO(row.why);
  struct Where {
    Reach reach;
    const char* host;
    const char* words;
  };
  const auto where = GENERATE(values<Where>({
      {Reach::lan, "127.0.0.1:TRAP", "upstream.reach"},
      {Reach::public_only, "[::ffff:127.0.0.1]:TRAP", "upstream.reach"},
      {Reach::lan, "trap.fake:TRAP", "upstream.reach"},
      {Reach::lan, "169.254.169.254", "upstream.reach"},
      {Reach::any, "127.0.0.1:SELF", "this server itself"},
  }));
  INFO(where.host);
  Setup setup(where.reach);
  const auto playlist =
      setup.with_ports(replaced("#EXTM3U\n" + std::string(row.playlist), "HOST", where.host));
  setup.on("/list.m3u8", status(200, {}, playlist));
  const auto list = setup.proxy.fetch(kManifest, std::string(kStart) + "/list.m3u8");
  CHECK(list.status == 200);
  const auto targets = children(list.body, setup.proxy);
  CHECK(targets.size() == row.children);
  for (const auto& target : targets) {
    INFO(target);
    check_error(get(setup.proxy.port(), target), 403, where.words);
  }
  CHECK(setup.trap.connection_count() == 0);
}

}  // namespace sluice::test
