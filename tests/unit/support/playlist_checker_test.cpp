#include "support/playlist_checker.hpp"

#include <string>

#include "support/catch.hpp"

namespace sluice::test {
namespace {

const std::string kManifest = "http://p/proxy/hls/manifest.m3u8?d=http%3A%2F%2Fo%2Fx%2F";
const std::string kSegment = "http://p/proxy/hls/segment.ts?d=http%3A%2F%2Fo%2Fx%2F";
const std::string kMap = "http://p/proxy/hls/segment.mp4?d=http%3A%2F%2Fo%2Fx%2F";

struct Row {
  const char* why;
  std::string original;
  std::string rewritten;
  std::string fault = {};  ///< part of the only fault; empty: none
};

std::vector<std::string> faults_of(const Row& row) {
  const std::string base = "http://o/x/y.m3u8?tok=a%20b";
  return rewrite_faults({row.original, base, row.rewritten, "http://p", {{"imp", "I"}}});
}

void check_row(const Row& row) {
  INFO(row.why);
  const auto faults = faults_of(row);
  for (const auto& fault : faults) UNSCOPED_INFO(fault);
  REQUIRE(faults.size() == (row.fault.empty() ? 0 : 1));
  if (!row.fault.empty()) CHECK(faults[0].find(row.fault) != std::string::npos);
}

}  // namespace

TEST_CASE("rewrite_faults is content with what is right", "[support][unit]") {
  const std::string media = "#EXT-X-MEDIA:TYPE=AUDIO,URI=";
  const std::string key = "#EXT-X-KEY:METHOD=AES-128,URI=";
  const std::string assets = "http://p/proxy/hls/assets.json?d=http%3A%2F%2Fo%2Fx%2F";
  const std::string steering = "http://p/proxy/hls/steering.json?d=http%3A%2F%2Fo%2Fx%2F";
  const std::string range = "#EXT-X-DATERANGE:ID=\"i\",";
  const std::string define = "#EXT-X-DEFINE:";
  const Row rows[] = {
      {"nothing", "", ""},
      {"blanks, comments, unknown tags", "\xef\xbb\xbf\n #c\r\n#EXT-NEW:URI=\"a\"",
       "\xef\xbb\xbf\n #c\r\n#EXT-NEW:URI=\"a\""},
      {"segment", "#EXTINF:1\n a \r\n", "#EXTINF:1\n " + kSegment + "a \r\n"},
      {"segment by its extension", "#EXTINF:1\na.M4S",
       "#EXTINF:1\nhttp://p/proxy/hls/segment.m4s?d=http%3A%2F%2Fo%2Fx%2Fa.M4S"},
      {"other parameters around d", "a",
       "http://p/proxy/hls/segment.ts?x=1&d=http%3A%2F%2Fo%2Fx%2Fa&y=2"},
      {"playlist by its path", "a.m3u8", kManifest + "a.m3u8"},
      {"playlist by its type", "a?type=m3u8", kManifest + "a%3Ftype%3Dm3u8"},
      {"media among segments", "#EXTINF:1\na.ts?type=m3u8",
       "#EXTINF:1\n" + kSegment + "a.ts%3Ftype%3Dm3u8"},
      {"variant", "#EXT-X-STREAM-INF:\na.ts", "#EXT-X-STREAM-INF:\n" + kManifest + "a.ts"},
      {"quoted", media + "\"a\",NAME=\"n\"", media + "\"" + kManifest + "a\",NAME=\"n\""},
      {"not quoted", media + "a,NAME=n", media + kManifest + "a,NAME=n"},
      {"quote never closed", media + "\"a", media + "\"" + kManifest + "a"},
      {"key", key + "\"a\"", key + "\"" + kSegment + "a\""},
      {"key of a DRM system", key + "\"a\",KEYFORMAT=\"x\"", key + "\"a\",KEYFORMAT=\"x\""},
      {"other scheme", key + "\"skd://a\"", key + "\"skd://a\""},
      {"no key", "#EXT-X-KEY:METHOD=NONE,URI=\"a\"", "#EXT-X-KEY:METHOD=NONE,URI=\"a\""},
      {"map", "#EXT-X-MAP:URI=\"a\"", "#EXT-X-MAP:URI=\"" + kMap + "a\""},
      {"hint of a map", "#EXT-X-PRELOAD-HINT:URI=\"a\",TYPE=MAP",
       "#EXT-X-PRELOAD-HINT:URI=\"" + kMap + "a\",TYPE=MAP"},
      {"hint of something new", "#EXT-X-PRELOAD-HINT:URI=\"a\",TYPE=NEW",
       "#EXT-X-PRELOAD-HINT:URI=\"a\",TYPE=NEW"},
      {"interstitials", range + "X-ASSET-URI=\"a\",X-ASSET-LIST=\"b\"",
       range + "X-ASSET-URI=\"" + kManifest + "a\",X-ASSET-LIST=\"" + assets + "b\""},
      {"steering", "#EXT-X-CONTENT-STEERING:SERVER-URI=\"a\"",
       "#EXT-X-CONTENT-STEERING:SERVER-URI=\"" + steering + "a\""},
      {"prefetch", "#EXT-X-PREFETCH:a\n#EXT-X-TWITCH-PREFETCH:b",
       "#EXT-X-PREFETCH:" + kSegment + "a\n#EXT-X-TWITCH-PREFETCH:" + kSegment + "b"},
      {"variable", define + "NAME=\"n\",VALUE=\"v\"\n{$n}/{$n}",
       define + "NAME=\"n\",VALUE=\"v\"\n" + kSegment + "v%2Fv"},
      {"imported variable", define + "IMPORT=\"imp\"\n{$imp}",
       define + "IMPORT=\"imp\"\n" + kSegment + "I"},
      {"variable of the query", define + "QUERYPARAM=\"tok\"\n{$tok}",
       define + "NAME=\"tok\",VALUE=\"a b\"\n" + kSegment + "a%2520b"},
      {"variables for variants", define + "NAME=\"n\",VALUE=\"v\"\n#EXT-X-STREAM-INF:\na",
       define + "NAME=\"n\",VALUE=\"v\"\n#EXT-X-STREAM-INF:\n" + kManifest + "a&v_n=v"},
      {"unknown variables",
       define + "IMPORT=\"i\"\n" + define + "QUERYPARAM=\"q\"\n{$i}\n{$q}\n{$x}",
       define + "IMPORT=\"i\"\n" + define + "QUERYPARAM=\"q\"\n{$i}\n{$q}\n{$x}"},
      {"definition behind its use", "{$n}\n" + define + "NAME=\"n\",VALUE=\"v\"",
       "{$n}\n" + define + "NAME=\"n\",VALUE=\"v\""},
      {"no reference", "{$}{$a", kSegment + "%257B%24%257D%257B%24a"},
  };
  for (const Row& row : rows) check_row(row);
}

TEST_CASE("rewrite_faults notices each kind of fault", "[support][unit]") {
  const std::string media = "#EXT-X-MEDIA:URI=\"a\"";
  const std::string good_media = "#EXT-X-MEDIA:URI=\"" + kManifest + "a\"";
  const std::string define = "#EXT-X-DEFINE:NAME=\"n\",VALUE=\"v\"\n";
  const Row rows[] = {
      {"line lost", "#a\n#b\n", "#a\n", "1 lines instead of 2"},
      {"line added", "#a\n", "#a\n\n", "2 lines instead of 1"},
      {"line break added at the end", "#a", "#a\n", "more than URIs changed"},
      {"byte order mark lost", "\xef\xbb\xbf#a", "#a", "byte order mark"},
      {"byte order mark added", "#a", "\xef\xbb\xbf#a", "byte order mark"},
      {"line ending", "#EXTM3U\r\n", "#EXTM3U\n", "line 1: more than URIs changed"},
      {"number", "#EXTINF:1.0\n", "#EXTINF:1\n", "more than URIs changed"},
      {"comment", "# a\n", "#a\n", "more than URIs changed"},
      {"blank around a URI", " a", kSegment + "a", "more than URIs changed"},
      {"URI line left as it is", "#\na", "#\na", "line 2: does not lead to http://p/"},
      {"URI line made absolute only", "a", "http://o/x/a", "does not lead to"},
      {"URI line lost", "a\n", "\n", "0 URIs instead of 1"},
      {"attribute left as it is", media, media, "does not lead to"},
      {"one of two attributes left", media.substr(0, 20) + ",URI=\"b\"", good_media + ",URI=\"b\"",
       "does not lead to"},
      {"attribute lost", media, "#EXT-X-MEDIA:", "0 URIs instead of 1"},
      {"attribute beside it changed", media + ",N=1", good_media + ",N=2",
       "more than URIs changed"},
      {"quotes added", "#EXT-X-MEDIA:URI=a", good_media, "more than URIs changed"},
      {"other host of the same beginning", "a",
       "http://p.evil/proxy/hls/segment.ts?d=http%3A%2F%2Fo%2Fx%2Fa", "does not lead to"},
      {"segment as playlist", "a", kManifest + "a", "does not lead to"},
      {"playlist as segment", "a.m3u8", kSegment + "a.m3u8", "does not lead to"},
      {"wrong extension", "a.mp4", kSegment + "a.mp4", "does not lead to"},
      {"wrong destination", "a", kSegment + "b", "instead of <http://o/x/a>"},
      {"destination not encoded", "a?b&c", kSegment + "a?b&c", "instead of <http://o/x/a?b&c>"},
      {"destination decoded once too often", "a%2Fb", kSegment + "a%2Fb", "<http://o/x/a%2Fb>"},
      {"destination encoded once too often", "a%2Fb", kSegment + "a%25252Fb", "<http://o/x/a%2Fb>"},
      {"plus lost", "a+b", kSegment + "a+b", "<http://o/x/a+b>"},
      {"destination of another base", "../a", kSegment + "a", "instead of <http://o/a>"},
      {"no destination", "a", "http://p/proxy/hls/segment.ts?x=1", "0 parameters d"},
      {"two destinations", "a", kSegment + "a&d=b", "2 parameters d"},
      {"quote in a URL", "a", kSegment + "a&h=\"", "holds what no URL"},
      {"fragment", "a", kSegment + "a#b", "holds what no URL"},
      {"DRM key proxied", "#EXT-X-KEY:URI=\"a\",KEYFORMAT=\"x\"",
       "#EXT-X-KEY:URI=\"" + kSegment + "a\",KEYFORMAT=\"x\"", "not left alone"},
      {"other scheme proxied", "#EXT-X-KEY:URI=\"skd://a\"", "#EXT-X-KEY:URI=\"" + kSegment + "a\"",
       "not left alone"},
      {"unknown variable proxied", "{$a}", kSegment + "%257B%24a%257D", "not left alone"},
      {"unknown tag rewritten", "#EXT-NEW:URI=\"a\"", "#EXT-NEW:URI=\"" + kSegment + "a\"",
       "more than URIs changed"},
      {"URI in a comment rewritten", "#a", "#" + kSegment, "more than URIs changed"},
      {"variable not replaced", define + "{$n}", define + kSegment + "%257B%24n%257D",
       "instead of <http://o/x/v>"},
      {"variable replaced in other text", define + "#EXT-X-MEDIA:NAME=\"{$n}\"",
       define + "#EXT-X-MEDIA:NAME=\"v\"", "more than URIs changed"},
      {"variable not passed on", define + "#EXT-X-STREAM-INF:\na",
       define + "#EXT-X-STREAM-INF:\n" + kManifest + "a", "does not carry v_n=v"},
      {"variable of the query left", "#EXT-X-DEFINE:QUERYPARAM=\"tok\"",
       "#EXT-X-DEFINE:QUERYPARAM=\"tok\"", "not the definition"},
      {"steering dropped", "#EXT-X-CONTENT-STEERING:SERVER-URI=\"a\"\n", "",
       "0 lines instead of 1"},
  };
  for (const Row& row : rows) check_row(row);
}

TEST_CASE("rewrite_faults bears with what two players read differently", "[support][unit]") {
  const std::string four = "#EXT-X-MAP:URI=a,URI=a,URI=a,URI=a";
  const std::string mapped = "URI=" + kMap + "a";
  const std::string good_four = "#EXT-X-MAP:" + mapped + "," + mapped + "," + mapped + "," + mapped;
  const std::string twice =
      "#EXT-X-DEFINE:NAME=\"n\",VALUE=\"v\"\n#EXT-X-DEFINE:NAME=\"n\",VALUE=\"w\"\n";
  const Row rows[] = {
      {"fifth URI of a tag left", four + ",URI=a", good_four + ",URI=a"},
      {"fifth URI of a tag replaced", four + ",URI=a", good_four + "," + mapped},
      {"fifth URI of a tag wrong", four + ",URI=a", good_four + ",URI=b", "does not lead to"},
      {"fourth URI of a tag left", four, good_four.substr(0, good_four.rfind(mapped)) + "URI=a",
       "does not lead to"},
      {"variable defined twice", twice + "{$n}", twice + kSegment + "w"},
  };
  for (const Row& row : rows) check_row(row);
}

TEST_CASE("layered_faults follows a URL through both proxies", "[support][unit]") {
  const std::string once = "#EXTINF:1\n" + kSegment + "a\nskd:x\n";
  const Rewrite first{"#EXTINF:1\na\nskd:x\n", "http://o/x/y", once, "http://p"};
  const std::string start = "#EXTINF:1\nhttp://q/proxy/hls/segment.ts?d=";
  const std::string through = "http%3A%2F%2Fp%2Fproxy%2Fhls%2Fsegment.ts%3Fd%3D";
  struct {
    const char* why;
    std::string twice;
    bool good;
  } const rows[] = {
      {"right", start + through + "http%253A%252F%252Fo%252Fx%252Fa\nskd:x\n", true},
      {"inner proxy left out", start + "http%3A%2F%2Fo%2Fx%2Fa\nskd:x\n", false},
      {"outer proxy left out", once, false},
      {"another end", start + through + "http%253A%252F%252Fo%252Fx%252Fb\nskd:x\n", false},
      {"inner URL not encoded", start + "http://p/proxy/hls/segment.ts?d=x\nskd:x\n", false},
      {"foreign scheme changed", start + through + "http%253A%252F%252Fo%252Fx%252Fa\nskd:y\n",
       false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(layered_faults(first, row.twice, "http://q").empty() == row.good);
  }
  Rewrite wrong = first;
  wrong.rewritten = first.original;
  const auto faults = layered_faults(wrong, rows[0].twice, "http://q");
  REQUIRE_FALSE(faults.empty());
  CHECK(faults[0].find("first line 2: does not lead to") == 0);
}

}  // namespace sluice::test
