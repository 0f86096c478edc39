#include "sluice/hls/playlist.hpp"

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::hls;

TEST_CASE("is_playlist_url goes by path and type", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view url;
    bool playlist, among_segments;
  };
  const Row rows[] = {
      {"m3u8", "http://h/a.m3u8", true, true},
      {"m3u", "http://h/a.m3u", true, true},
      {"m3u_plus", "http://h/a.m3u_plus", true, true},
      {"capitals", "http://h/A.M3U8", true, true},
      {"with a query", "http://h/a.m3u8?t=1", true, true},
      {"type", "http://h/get.php?u=1&type=m3u8", true, true},
      {"type m3u_plus", "http://h/get.php?type=m3u_plus&output=ts", true, true},
      {"type of a media file", "http://h/a.ts?type=m3u8", true, false},
      {"last type counts", "http://h/get?type=m3u8&type=ts", false, false},
      {"type that only starts so", "http://h/get?type=m3u8x", false, false},
      {"other parameter", "http://h/get?kind=m3u8", false, false},
      {"name in capitals", "http://h/get?TYPE=m3u8", false, false},
      {"in a folder's name", "http://h/a.m3u8/seg1.ts", false, false},
      {"in the query", "http://h/a?f=a.m3u8", false, false},
      {"longer extension", "http://h/a.m3u8x", false, false},
      {"media", "http://h/a.ts", false, false},
      {"nothing", "http://h", false, false},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const Url url = Url::parse(row.url).value();
    CHECK(is_playlist_url(url.text()) == row.playlist);
    CHECK(is_playlist_url_among_segments(url.text()) == row.among_segments);
  }
}

TEST_CASE("segment_extension goes by the path", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view url, segment, map;
  };
  const Row rows[] = {
      {"ts", "http://h/a.ts", "ts", "ts"},
      {"m4s", "http://h/a.m4s", "m4s", "m4s"},
      {"mp4", "http://h/a.mp4", "mp4", "mp4"},
      {"m4a", "http://h/a.m4a", "m4a", "m4a"},
      {"m4v", "http://h/a.m4v", "m4v", "m4v"},
      {"aac", "http://h/a.aac", "aac", "aac"},
      {"capitals", "http://h/A.MP4", "mp4", "mp4"},
      {"query does not hide it", "http://h/a.m4s?tok=1", "m4s", "m4s"},
      {"query does not give it", "http://h/a?f=a.m4s", "ts", "mp4"},
      {"unknown", "http://h/a.jpg", "ts", "mp4"},
      {"none", "http://h/a", "ts", "mp4"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const Url url = Url::parse(row.url).value();
    CHECK(segment_extension(url.text(), Resource::segment) == row.segment);
    CHECK(segment_extension(url.text(), Resource::key) == row.segment);
    CHECK(segment_extension(url.text(), Resource::map) == row.map);
  }
}

TEST_CASE("sniff_playlist decides as soon as it can", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view bytes;
    Sniff verdict;
  };
  const Row rows[] = {
      {"nothing yet", "", Sniff::undecided},
      {"mark", "#EXTM3U", Sniff::playlist},
      {"mark and more", "#EXTM3U\n#EXT-X-VERSION:3\n", Sniff::playlist},
      {"beginning of the mark", "#EXTM", Sniff::undecided},
      {"blanks before the mark", " \r\n\t#EXTM3U", Sniff::playlist},
      {"blanks only", "\n\n ", Sniff::undecided},
      {"byte order mark", "\xef\xbb\xbf#EXTM3U", Sniff::playlist},
      {"part of a byte order mark", "\xef\xbb", Sniff::undecided},
      {"byte order mark only", "\xef\xbb\xbf", Sniff::undecided},
      {"byte order mark and blanks", "\xef\xbb\xbf\n#EXT", Sniff::undecided},
      {"not quite a byte order mark", "\xef\xbb#EXTM3U", Sniff::other},
      {"transport stream", "\x47\x40\x00\x10", Sniff::other},
      {"other tag", "#EXTINF:1", Sniff::other},
      {"lower case", "#extm3u", Sniff::other},
      {"text before the mark", "x#EXTM3U", Sniff::other},
      {"html", "<html>", Sniff::other},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(sniff_playlist(row.bytes) == row.verdict);
  }
}

TEST_CASE("sniff_playlist never takes a verdict back", "[hls][unit]") {
  for (const std::string_view body :
       {std::string_view("\xef\xbb\xbf \n#EXTM3U\n#EXT-X-ENDLIST"), std::string_view(" #EXTM4U ab"),
        std::string_view("\xef\xbbzzzzzzzzzzz")}) {
    const Sniff verdict = sniff_playlist(body);
    REQUIRE(verdict != Sniff::undecided);
    for (std::size_t size = 0; size < body.size(); ++size) {
      INFO(size);
      const Sniff early = sniff_playlist(body.substr(0, size));
      CHECK((early == Sniff::undecided || early == verdict));
    }
  }
}

TEST_CASE("classify_body tells a playlist from what comes in its place", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view body;
    BodyKind kind;
  };
  const Row rows[] = {
      {"playlist", "#EXTM3U\n", BodyKind::playlist},
      {"byte order mark", "\xef\xbb\xbf#EXTM3U\n", BodyKind::playlist},
      {"junk before the mark", "warning: x\n#EXTM3U\n", BodyKind::playlist},
      {"empty", "", BodyKind::empty},
      {"blanks", " \r\n", BodyKind::empty},
      {"byte order mark only", "\xef\xbb\xbf", BodyKind::empty},
      {"doctype", "\n<!DOCTYPE html><p>#EXTM3U", BodyKind::html},
      {"html", "<HTML lang=en>", BodyKind::html},
      {"other markup", "<?xml version=\"1.0\"?>", BodyKind::junk},
      {"text", "stream offline", BodyKind::junk},
      {"UTF-16", std::string_view("\xff\xfe#\0E\0X\0", 8), BodyKind::utf16},
      {"UTF-16 without a mark", std::string_view("\0#\0E\0X", 6), BodyKind::utf16},
      {"tags without the mark", "#EXTINF:1,\na.ts\n", BodyKind::junk},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(classify_body(row.body) == row.kind);
    CHECK(describe(row.kind).empty() == (row.kind == BodyKind::playlist));
  }
}

TEST_CASE("ended_playlist is a playlist that ends at once", "[hls][unit]") {
  CHECK(ended_playlist("Stream offline or unavailable") ==
        "#EXTM3U\n"
        "#EXT-X-VERSION:3\n"
        "#EXT-X-TARGETDURATION:1\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n"
        "# Stream offline or unavailable\n"
        "#EXT-X-ENDLIST\n");
  CHECK(ended_playlist("a\r\nhttp://evil/seg.ts").find("\n# a  http://evil/seg.ts\n") !=
        std::string::npos);
  CHECK_FALSE(is_live(ended_playlist("x")));
}

TEST_CASE("is_live and is_master go by tags", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view playlist;
    bool live, master;
  };
  const Row rows[] = {
      {"sliding window", "#EXTM3U\n#EXTINF:2,\na.ts\n", true, false},
      {"event that goes on", "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXTINF:2,\na.ts\n", true,
       false},
      {"end", "#EXTM3U\r\n#EXTINF:2,\r\na.ts\r\n#EXT-X-ENDLIST\r\n", false, false},
      {"end without line ending", "#EXTM3U\n#EXT-X-ENDLIST", false, false},
      {"VOD", "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:2,\na.ts\n", false, false},
      {"VOD, blanks", "\xef\xbb\xbf#EXTM3U\n #EXT-X-PLAYLIST-TYPE : VOD \n", false, false},
      {"in a comment", "#EXTM3U\n# #EXT-X-ENDLIST\n", true, false},
      {"in a title", "#EXTM3U\n#EXTINF:2,#EXT-X-ENDLIST\n", true, false},
      {"variants", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n", false, true},
      {"renditions only", "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO\n", false, true},
      {"keys are of media playlists", "#EXTM3U\n#EXT-X-KEY:METHOD=NONE\n", true, false},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(is_live(row.playlist) == row.live);
    CHECK(is_master(row.playlist) == row.master);
  }
}
