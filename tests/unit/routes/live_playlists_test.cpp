#include "sluice/routes/live_playlists.hpp"

#include <fmt/format.h>

#include "support/catch.hpp"

namespace sluice::routes {
namespace {

using namespace std::chrono_literals;

constexpr auto kKeep = 20s;

std::string live(int first, int count = 3) {
  auto text = fmt::format("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:{}\n", first);
  for (int i = 0; i < count; ++i) text += fmt::format("#EXTINF:6,\n{}.ts\n", first + i);
  return text;
}

/// A memory and a clock that only the test moves.
struct Setup {
  explicit Setup(std::size_t max_bytes = 1'000'000) : playlists(max_bytes, kKeep) {}

  std::string admit(const std::string& text, const std::string& key = "k",
                    const char* base = "http://o/live.m3u8") {
    return playlists.admit(key, {text, Url::parse(base).value()}, now)->text;
  }
  std::string recall(const std::string& key = "k") {
    const auto known = playlists.recall(key, now);
    return known ? known->text : "nothing";
  }

  TimePoint now = Clock::now();
  LivePlaylists playlists;
};

}  // namespace

TEST_CASE("LivePlaylists stand in for a while", "[routes][unit]") {
  Setup setup;
  CHECK(setup.recall() == "nothing");
  CHECK(setup.admit(live(5)) == live(5));
  setup.now += kKeep - 1s;
  CHECK(setup.recall() == live(5));
  CHECK(setup.recall("other") == "nothing");
  setup.now += 1s;
  CHECK(setup.recall() == "nothing");
}

TEST_CASE("LivePlaylists do not go back", "[routes][unit]") {
  struct Row {
    const char* why;
    std::string next;
    const char* base;
    bool taken;
  };
  const Row rows[] = {
      {"the next", live(6), "http://o/live.m3u8", true},
      {"the same", live(5), "http://o/live.m3u8", true},
      {"more of the same", live(5, 4), "http://o/live.m3u8", true},
      {"an older one", live(4), "http://o/live.m3u8", false},
      {"less of the same", live(5, 2), "http://o/live.m3u8", false},
      {"from another server, by a redirect", live(4), "http://edge2/live.m3u8", false},
      {"of another session, by a redirect", live(4), "http://o/session2/live.m3u8", true},
      {"the end", live(4) + "#EXT-X-ENDLIST\n", "http://o/live.m3u8", true},
      {"on demand", "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:1,\na\n", "http://o/a", true},
      {"a master", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n", "http://o/a", true},
      {"a delta update with news",
       "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n#EXTINF:6,\n8.ts\n",
       "http://o/live.m3u8", true},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    Setup setup;
    setup.admit(live(5));
    CHECK(setup.admit(row.next, "k", row.base) == (row.taken ? row.next : live(5)));
  }
}

TEST_CASE("LivePlaylists let a stream begin anew", "[routes][unit]") {
  Setup setup;
  setup.admit(live(500));
  setup.now += kKeep - 1s;
  CHECK(setup.admit(live(0)) == live(500));
  setup.now += 1s;
  CHECK(setup.admit(live(1)) == live(1));
  CHECK(setup.admit(live(2)) == live(2));
}

TEST_CASE("LivePlaylists forget what has ended", "[routes][unit]") {
  Setup setup;
  setup.admit(live(5));
  setup.admit(live(6) + "#EXT-X-ENDLIST\n");
  CHECK(setup.recall() == "nothing");
}

TEST_CASE("LivePlaylists know more from a delta update only that it goes on", "[routes][unit]") {
  Setup setup;
  setup.admit(live(5));
  setup.now += kKeep - 1s;
  setup.admit(
      "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:6\n#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n#EXTINF:6,\n8.ts\n");
  setup.now += kKeep - 1s;
  CHECK(setup.recall() == live(5));
}

TEST_CASE("LivePlaylists are bounded; the ones not used for longest go", "[routes][unit]") {
  const auto text = live(1);
  Setup setup(3 * (text.size() + 300));
  setup.admit(text, "a");
  setup.admit(text, "b");
  setup.admit(text, "c");
  setup.admit(text, "a");
  setup.admit(text, "d");
  CHECK(setup.recall("a") == text);
  CHECK(setup.recall("b") == "nothing");
  CHECK(setup.recall("d") == text);
  setup.admit(live(1, 50'000), "huge");
  CHECK(setup.recall("huge") == "nothing");
  CHECK(setup.recall("a") == text);
}

}  // namespace sluice::routes
