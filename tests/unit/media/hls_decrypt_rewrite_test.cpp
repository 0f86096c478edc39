#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "sluice/media/hls_rewrite.hpp"
#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::media;

namespace {

std::string_view last_part(std::string_view url) {
  return url.substr(url.rfind('/') + 1);
}

std::string after_blank(std::string_view text) {
  return text.empty() ? "" : " " + std::string(text);
}

/// Prints a URL's last part, and how it is to be decrypted.
class DecryptionMapper final : public UrlMapper {
 public:
  void append_to(std::string& out, const UriTarget& target) const override {
    out += last_part(target.url);
    if (target.decryption == nullptr) return;
    const auto& [method, key, iv, range, map, map_range] = *target.decryption;
    const auto digits = iv.substr(std::min(iv.find_first_not_of("0x"), iv.size()));
    out += fmt::format("<{}{}{}{}", method, after_blank(last_part(key)), after_blank(digits),
                       after_blank(range));
    if (!map.empty()) out += fmt::format(" in {}{}", last_part(map), after_blank(map_range));
    out += '>';
  }
};

std::string clear(std::string_view playlist) {
  HlsRewriteOptions options;
  options.decrypt = true;
  const auto base = Url::parse("http://o/dir/p.m3u8").value();
  return rewrite_playlist(playlist, base, DecryptionMapper(), std::move(options)).value();
}

}  // namespace

TEST_CASE("rewrite_playlist hides keys that Sluice uses itself", "[media][unit]") {
  struct Row {
    const char* why;
    std::string_view playlist;
    std::string_view want;
  };
  const Row rows[] = {
      {"clear before, encrypted, clear again",
       "#EXTINF:1,\na\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x5\n#EXTINF:1,\nb\n"
       "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\nc\n",
       "#EXTINF:1,\na\n#EXTINF:1,\nb<AES-128 k 5>\n#EXTINF:1,\nc\n"},
      {"vectors that follow from the sequence numbers",
       "#EXT-X-MEDIA-SEQUENCE:8\n#EXT-X-KEY:METHOD=AES-256,URI=\"k\"\n#EXTINF:1,\na\n#EXTINF:1,"
       "\nb\n",
       "#EXT-X-MEDIA-SEQUENCE:8\n#EXTINF:1,\na<AES-256 k 8>\n#EXTINF:1,\nb<AES-256 k 9>\n"},
      {"the second of two keys",
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k1\",IV=0x1\n#EXTINF:1,\na\n"
       "#EXT-X-KEY:METHOD=AES-256-CTR,URI=\"k2\",IV=0x2\n#EXTINF:1,\nb\n",
       "#EXTINF:1,\na<AES-128 k1 1>\n#EXTINF:1,\nb<AES-256-CTR k2 2>\n"},
      {"byte ranges become part of the address",
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXTINF:1,\n#EXT-X-BYTERANGE:16@32\na\n"
       "#EXT-X-BYTERANGE:32\n#EXTINF:1,\na\n",
       "#EXTINF:1,\na<AES-128 k 1 32-47>\n#EXTINF:1,\na<AES-128 k 1 48-79>\n"},
      {"byte ranges of clear segments stay",
       "#EXTINF:1,\n#EXT-X-BYTERANGE:16@32\na\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n"
       "#EXTINF:1,\nb\n",
       "#EXTINF:1,\n#EXT-X-BYTERANGE:16@32\na\n#EXTINF:1,\nb<AES-128 k 1>\n"},
      {"a map behind its key, with a vector",
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXT-X-MAP:URI=\"i\",BYTERANGE=\"16@0\"\n"
       "#EXTINF:1,\na\n",
       "#EXT-X-MAP:URI=\"i<AES-128 k 1 0-15>\"\n#EXTINF:1,\na<AES-128 k 1>\n"},
      {"a map before any key",
       "#EXT-X-MAP:URI=\"i\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXTINF:1,\na\n",
       "#EXT-X-MAP:URI=\"i\"\n#EXTINF:1,\na<AES-128 k 1>\n"},
      {"parts have their segment's number",
       "#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1,\na\n"
       "#EXT-X-PART:DURATION=1,URI=\"b\",BYTERANGE=\"16@0\"\n"
       "#EXT-X-PART:DURATION=1,URI=\"b\",BYTERANGE=\"32\"\n"
       "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"b\",BYTERANGE-START=48\n"
       "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"c\"\n",
       "#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:1,\na<AES-128 k 7>\n"
       "#EXT-X-PART:DURATION=1,URI=\"b<AES-128 k 8 0-15>\"\n"
       "#EXT-X-PART:DURATION=1,URI=\"b<AES-128 k 8 16-47>\"\n"
       "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"c<AES-128 k 8>\"\n"},
      {"keys of DRM systems for the same segments",
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n"
       "#EXT-X-KEY:METHOD=AES-128,URI=\"skd://k\",KEYFORMAT=\"com.apple\"\n#EXTINF:1,\na\n",
       "#EXTINF:1,\na<AES-128 k 1>\n"},
      {"the end of a key that the player was shown",
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://s\",KEYFORMAT=\"com.apple\"\n#EXTINF:1,\na\n"
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXTINF:1,\nb\n#EXT-X-KEY:METHOD=NONE\n"
       "#EXTINF:1,\nc\n",
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://s\",KEYFORMAT=\"com.apple\"\n#EXTINF:1,\na\n"
       "#EXT-X-KEY:METHOD=NONE\n"
       "#EXTINF:1,\nb<AES-128 k 1>\n#EXTINF:1,\nc\n"},
      {"a key of the session", "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-VERSION:3\n",
       "#EXT-X-VERSION:3\n"},
      {"nothing that can be used",
       "#EXT-X-KEY:METHOD=OTHER,URI=\"s\"\n#EXT-X-BYTERANGE:1@2\n#EXTINF:1,\na\n",
       "#EXT-X-KEY:METHOD=OTHER,URI=\"s\"\n#EXT-X-BYTERANGE:1@2\n#EXTINF:1,\na\n"},
      {"keys of DRM systems before the one that can be used",
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\",KEYFORMAT=\"com.apple\"\n"
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"data:x\",KEYFORMAT=\"urn:uuid:1\"\n"
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\",IV=0x1\n#EXTINF:1,\na\n"
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://l\",KEYFORMAT=\"com.apple\"\n#EXTINF:1,\nb\n",
       "#EXTINF:1,\na<SAMPLE-AES k 1>\n#EXTINF:1,\nb<SAMPLE-AES k 1>\n"},
      {"a DRM system's key of other segments",
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\",KEYFORMAT=\"com.apple\"\n#EXTINF:1,\na\n"
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\",IV=0x1\n#EXTINF:1,\nb\n",
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\",KEYFORMAT=\"com.apple\"\n#EXTINF:1,\na\n"
       "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\nb<SAMPLE-AES k 1>\n"},
      {"samples of transport streams",
       "#EXT-X-MEDIA-SEQUENCE:8\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n#EXTINF:1,\na\n",
       "#EXT-X-MEDIA-SEQUENCE:8\n#EXTINF:1,\na<SAMPLE-AES k 8>\n"},
      {"samples of fragments, with their map before the key",
       "#EXT-X-MAP:URI=\"i\",BYTERANGE=\"16@4\"\n"
       "#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI=\"k\",IV=0x1\n"
       "#EXTINF:1,\na\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\nb\n",
       "#EXT-X-MAP:URI=\"i<SAMPLE-AES 4-19>\"\n#EXTINF:1,\na<SAMPLE-AES-CTR k 1 in i 4-19>\n"
       "#EXTINF:1,\nb\n"},
      {"samples of fragments, with their maps behind the key",
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\",IV=0x1\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:1,\na\n"
       "#EXT-X-MAP:URI=\"j\"\n#EXT-X-PART:DURATION=1,URI=\"b\",BYTERANGE=\"16@0\"\n"
       "#EXTINF:1,\nb\n",
       "#EXT-X-MAP:URI=\"i<SAMPLE-AES>\"\n#EXTINF:1,\na<SAMPLE-AES k 1 in i>\n"
       "#EXT-X-MAP:URI=\"j<SAMPLE-AES>\"\n"
       "#EXT-X-PART:DURATION=1,URI=\"b<SAMPLE-AES k 1 0-15 in j>\"\n"
       "#EXTINF:1,\nb<SAMPLE-AES k 1 in j>\n"},
      {"keys that are told in place of addressed",
       "#EXT-X-MAP:URI=\"i\"\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"data:text/plain;base64,AA==\"\n"
       "#EXTINF:1,\na\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\"\n#EXTINF:1,\nb\n",
       "#EXT-X-MAP:URI=\"i\"\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"data:text/plain;base64,AA==\"\n"
       "#EXTINF:1,\na\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\"\n#EXTINF:1,\nb\n"},
      {"samples first, then a DRM system's",
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\",IV=0x1\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:1,\na\n"
       "#EXT-X-KEY:METHOD=NONE\n"
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\",KEYFORMAT=\"com.apple\"\n"
       "#EXT-X-MAP:URI=\"j\"\n#EXTINF:1,\nb\n",
       "#EXT-X-MAP:URI=\"i<SAMPLE-AES>\"\n#EXTINF:1,\na<SAMPLE-AES k 1 in i>\n"
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\",KEYFORMAT=\"com.apple\"\n"
       "#EXT-X-MAP:URI=\"j\"\n#EXTINF:1,\nb\n"},
      {"a map of nothing",
       "#EXT-X-MAP\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\",IV=0x1\n#EXTINF:1,\na\n",
       "#EXT-X-MAP\n#EXTINF:1,\na<SAMPLE-AES k 1>\n"},
      {"whole segments first, then samples",
       "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:1,\na\n"
       "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"l\",IV=0x2\n#EXTINF:1,\nb\n",
       "#EXT-X-MAP:URI=\"i<AES-128 k 1>\"\n#EXTINF:1,\na<AES-128 k 1>\n"
       "#EXTINF:1,\nb<SAMPLE-AES l 2 in i>\n"},
      {"ranges inside encrypted segments",
       "#EXT-X-I-FRAMES-ONLY\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1,\na\n",
       "#EXT-X-I-FRAMES-ONLY\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:1,\na\n"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(clear(row.playlist) == row.want);
  }
}
