#include "sluice/media/hls_rewrite.hpp"

#include <algorithm>
#include <random>

#include "support/catch.hpp"
#include "unit/media/mappers.hpp"

using namespace sluice;
using namespace sluice::media;

namespace {

const Url& base() {
  static const Url url = Url::parse("http://o/dir/pl.m3u8").value();
  return url;
}

std::string described(std::string_view playlist) {
  return rewrite_playlist(playlist, base(), test::DescribingMapper()).value();
}

std::string absolute(std::string_view playlist) {
  return rewrite_playlist(playlist, base(), test::AbsoluteMapper()).value();
}

/// Every tag with a URI, all URLs absolute: nothing is left to do for a mapper that proxies
/// nothing.
constexpr std::string_view kAbsolutePlaylist =
    "#EXTM3U x=\"y\"\r\n"
    "#EXT-X-VERSION:07\n"
    "\n"
    "# comment\r\n"
    "#EXT-X-MEDIA:TYPE=AUDIO , URI = \"http://h/a/../b.m3u8\" ,NAME=\"n\"\n"
    "#EXT-X-MEDIA:TYPE=AUDIO,URI=http://h/plain.m3u8,NAME=\"n\"\n"
    "#EXT-X-MEDIA:TYPE=AUDIO,URI=\" http://h/blanks.m3u8 \"\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=00100,FRAME-RATE=25.000\n"
    "  http://h/v?x=%2F%2f&y=a+b%zz  \r\n"
    "#EXT-X-I-FRAME-STREAM-INF:URI=\"https://h:443/i.m3u8\",BANDWIDTH=1\n"
    "#EXT-X-SESSION-DATA:DATA-ID=\"d\",URI=\"HTTP://H/d.json\"\n"
    "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"http://h/k\"\n"
    "#EXT-X-KEY:METHOD=AES-128,URI=\"http://h/k\",IV=0X0a\r\r\n"
    "#EXT-X-KEY:METHOD=NONE\n"
    "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\"\n"
    "#EXT-X-MAP:URI=\"http://h/i.mp4\",BYTERANGE=\"1@0\"\n"
    "#EXT-X-DATERANGE:ID=\"a\",X-ASSET-URI=\"http://h/a\",X-ASSET-LIST=\"http://h/l\"\n"
    "#EXTINF:9.00900,t\n"
    "http://u:p@h/s.ts\n"
    "#EXT-X-PART:DURATION=0.1,URI=\"http://h/p\"\n"
    "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"http://h/q\"\n"
    "#EXT-X-RENDITION-REPORT:URI=\"http://h/r.m3u8\",LAST-MSN=01\n"
    "#EXT-X-UNKNOWN:URI=\"relative\"\n"
    "http://h/last";

}  // namespace

TEST_CASE("rewrite_playlist maps a bounded number of URIs per tag", "[media][unit]") {
  std::string line = "#EXT-X-MAP:URI=\"a\"";
  for (int i = 0; i < 7'000; ++i) line += ",URI=\"a\"";
  const auto base = Url::parse("http://o.example/p.m3u8");
  const std::string long_text(10'000, 'x');
  struct Long final : UrlMapper {
    explicit Long(const std::string& t) : text(t) {}
    void append_to(std::string& out, const UriTarget&) const override { out += text; }
    const std::string& text;
  };
  const auto out = rewrite_playlist("#EXTM3U\n" + line + "\n", *base, Long(long_text));
  REQUIRE(out.has_value());
  CHECK(out->size() < line.size() + 5 * long_text.size());
}

TEST_CASE("rewrite_playlist refuses a line that is too long", "[media][unit]") {
  const auto with = [](std::size_t length) {
    return rewrite_playlist("#EXTM3U\n#" + std::string(length - 1, 'x') + "\n", base(),
                            test::AbsoluteMapper());
  };
  CHECK(with(PlaylistRewriter::kMaxLine).has_value());
  const auto refused = with(PlaylistRewriter::kMaxLine + 1);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::not_a_playlist);
  CHECK(refused.error().context.starts_with("Line 2 "));
}

TEST_CASE("rewrite_playlist decides what a URI line addresses", "[media][unit]") {
  struct Row {
    const char* why;
    std::string_view playlist, out;
  };
  const Row rows[] = {
      {"after STREAM-INF a variant, whatever it looks like", "#EXT-X-STREAM-INF:\ns.ts\n",
       "#EXT-X-STREAM-INF:\nhttp://p/playlist?in=master&d=http%3A%2F%2Fo%2Fdir%2Fs.ts\n"},
      {"only the first URI line after STREAM-INF", "#EXT-X-STREAM-INF:\na\nb\n",
       "#EXT-X-STREAM-INF:\nhttp://p/playlist?in=master&d=http%3A%2F%2Fo%2Fdir%2Fa\n"
       "http://p/segment.ts?in=media&d=http%3A%2F%2Fo%2Fdir%2Fb\n"},
      {"after EXTINF a segment", "#EXTINF:1\ns\n",
       "#EXTINF:1\nhttp://p/segment.ts?in=media&d=http%3A%2F%2Fo%2Fdir%2Fs\n"},
      {"after EXTINF a playlist by its path", "#EXTINF:1\nhttp://h/a.m3u8\n",
       "#EXTINF:1\nhttp://p/playlist?in=media&d=http%3A%2F%2Fh%2Fa.m3u8\n"},
      {"after EXTINF media with a misleading type", "#EXTINF:1\nhttp://h/a.ts?type=m3u8\n",
       "#EXTINF:1\nhttp://p/segment.ts?in=media&d=http%3A%2F%2Fh%2Fa.ts%3Ftype%3Dm3u8\n"},
      {"bare line, playlist by its type", "http://h/a.ts?type=m3u8\n",
       "http://p/playlist?in=media&d=http%3A%2F%2Fh%2Fa.ts%3Ftype%3Dm3u8\n"},
      {"bare line, playlist only when resolved", "?type=m3u\n",
       "http://p/playlist?in=media&d=http%3A%2F%2Fo%2Fdir%2Fpl.m3u8%3Ftype%3Dm3u\n"},
      {"bare line, m3u8 in a folder's name", "x.m3u8/s.mp4\n",
       "http://p/segment.mp4?in=media&d=http%3A%2F%2Fo%2Fdir%2Fx.m3u8%2Fs.mp4\n"},
      {"the last of two announcements counts", "#EXT-X-STREAM-INF:\n#EXTINF:1\ns\n",
       "#EXT-X-STREAM-INF:\n#EXTINF:1\n"
       "http://p/segment.ts?in=media&d=http%3A%2F%2Fo%2Fdir%2Fs\n"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(described(row.playlist) == row.out);
  }
}

TEST_CASE("rewrite_playlist leaves alone what is not for it", "[media][unit]") {
  struct Row {
    const char* why;
    std::string_view playlist;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"byte order mark only", "\xef\xbb\xbf"},
      {"line endings only", "\r\n\n\r\r\n"},
      {"FairPlay key", "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\"\n"},
      {"key inside the playlist", "#EXT-X-KEY:METHOD=AES-128,URI=\"data:;base64,AAAA\"\n"},
      {"DRM key with a web address",
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"https://h/l\",KEYFORMAT=\"urn:uuid:x\"\n"},
      {"DRM session key",
       "#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,KEYFORMAT=\"urn:uuid:x\",URI=\"https://h/l\"\n"},
      {"no encryption", "#EXT-X-KEY:METHOD=NONE,URI=\"k\"\n"},
      {"URN", "#EXT-X-SESSION-DATA:DATA-ID=\"d\",URI=\"urn:x:y\"\n"},
      {"other scheme on a line", "#EXTINF:1\nrtmp://h/a\n"},
      {"empty URI", "#EXT-X-MAP:URI=\"\"\n"},
      {"URL without host", "#EXTINF:1\nhttp://\n"},
      {"host with a blank", "#EXTINF:1\nhttp://a b/\n"},
      {"variable on a line", "#EXTINF:1\n{$base}/s.ts\n"},
      {"variable in an attribute", "#EXT-X-MAP:URI=\"i.mp4?t={$to-ken_1}\"\n"},
      {"tag without attributes", "#EXT-X-MEDIA\n#EXT-X-KEY:\n"},
      {"unknown tag", "#EXT-X-NEW:URI=\"a\"\n"},
      {"comment", "#URI=\"a\"\n"},
      {"attribute that ends in URI", "#EXT-X-MEDIA:MY-URI=\"a\"\n"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(described(row.playlist) == row.playlist);
  }
}

TEST_CASE("rewrite_playlist takes a brace without a name as text", "[media][unit]") {
  CHECK(absolute("a?{$}\n") == "http://o/dir/a?%7B$%7D\n");
  CHECK(absolute("a?{$b\n") == "http://o/dir/a?%7B$b\n");
  CHECK(absolute("a?{b}\n") == "http://o/dir/a?%7Bb%7D\n");
}

TEST_CASE("rewrite_playlist sends content steering through the mapper", "[media][unit]") {
  CHECK(described("#EXTM3U\r\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"s\"\r\n#EXT-X-VERSION:3\r\n") ==
        "#EXTM3U\r\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"http://p/steering.ts?in=master"
        "&tag=EXT-X-CONTENT-STEERING&d=http%3A%2F%2Fo%2Fdir%2Fs\"\r\n#EXT-X-VERSION:3\r\n");
}

TEST_CASE("rewrite_playlist sends interstitials through the mapper", "[media][unit]") {
  CHECK(
      described("#EXT-X-DATERANGE:ID=\"a\",X-ASSET-URI=\"a.m3u8\",X-ASSET-LIST=\"/l,x\",X-Y=1\n") ==
      "#EXT-X-DATERANGE:ID=\"a\",X-ASSET-URI=\"http://p/asset.ts?in=media"
      "&tag=EXT-X-DATERANGE&d=http%3A%2F%2Fo%2Fdir%2Fa.m3u8\",X-ASSET-LIST=\"http://p/assets.ts"
      "?in=media&tag=EXT-X-DATERANGE&d=http%3A%2F%2Fo%2Fl%2Cx\",X-Y=1\n");
}

TEST_CASE("rewrite_playlist quotes a plain value only when it has to", "[media][unit]") {
  const std::string_view playlist = "#EXT-X-MEDIA:URI=a.m3u8,NAME=\"n\"\n";
  const auto with = [&](const char* text) {
    return rewrite_playlist(playlist, base(), test::FixedMapper(text)).value();
  };
  CHECK(with("http://p/x") == "#EXT-X-MEDIA:URI=http://p/x,NAME=\"n\"\n");
  CHECK(with("http://p/x,y") == "#EXT-X-MEDIA:URI=\"http://p/x,y\",NAME=\"n\"\n");
}

TEST_CASE("rewrite_playlist changes nothing when nothing is proxied", "[media][unit]") {
  CHECK(absolute(kAbsolutePlaylist) == kAbsolutePlaylist);
  std::string with_mark = "\xef\xbb\xbf";
  with_mark += kAbsolutePlaylist;
  CHECK(absolute(with_mark) == with_mark);
}

TEST_CASE("rewrite_playlist resolves against the base", "[media][unit]") {
  CHECK(absolute("a\n../b\n/c\n//h/d\n?e\n./f:g\n") ==
        "http://o/dir/a\nhttp://o/b\nhttp://o/c\nhttp://h/d\nhttp://o/dir/pl.m3u8?e\n"
        "http://o/dir/f:g\n");
}

TEST_CASE("rewrite_playlist bounds its output", "[media][unit]") {
  std::string playlist;
  for (int i = 0; i < 1000; ++i) playlist += "a\n";
  const test::FixedMapper mapper(std::string(100, 'x'));
  CHECK(rewrite_playlist(playlist, base(), mapper, {.max_output = 101'000})->size() == 101'000);
  const auto refused = rewrite_playlist(playlist, base(), mapper, {.max_output = 100'999});
  REQUIRE(refused.has_error());
  CHECK(refused.error() == upstream_error(Errc::body_too_large));
}

TEST_CASE("rewrite_playlist of its own output changes nothing, whatever came in", "[media][unit]") {
  std::mt19937 random(8216);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 500; ++round) {
    std::string playlist(kAbsolutePlaylist);
    for (std::size_t edits = 1 + below(20); edits > 0; --edits) {
      constexpr std::string_view kBytes = "\"=,:#\n\r \\{$}?/.\xef\x00x";
      const std::size_t at = below(playlist.size());
      switch (below(3)) {
        case 0: playlist[at] = kBytes[below(kBytes.size())]; break;
        case 1: playlist.erase(at, 1 + below(10)); break;
        default: playlist.insert(at, playlist.substr(below(playlist.size()), below(40)));
      }
    }
    INFO(playlist);
    const std::string once = absolute(playlist);
    CHECK(absolute(once) == once);
    CHECK(std::count(once.begin(), once.end(), '\n') <=
          std::count(playlist.begin(), playlist.end(), '\n'));
  }
}
