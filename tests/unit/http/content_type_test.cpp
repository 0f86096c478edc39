#include "sluice/http/content_type.hpp"

#include "support/catch.hpp"

using namespace sluice::http;

TEST_CASE("segment_type knows the extensions of the field", "[http][unit]") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"ts", "video/mp2t"},
      {"m4s", "video/mp4"},
      {"mp4", "video/mp4"},
      {"m4v", "video/mp4"},
      {"m4a", "audio/mp4"},
      {"aac", "audio/aac"},
      {"vtt", "text/vtt"},
      {"webm", "video/webm"},
      {"mp3", "audio/mpeg"},
      {"ac3", "audio/ac3"},
      {"", ""},
      {"png", ""},
      {".ts", ""},
      {"m3u8", ""},
  };
  for (const auto& [extension, type] : rows) {
    CAPTURE(extension);
    CHECK(segment_type(extension) == type);
  }
}

TEST_CASE("Content types are told apart by what they say and what a browser would run",
          "[http][unit]") {
  struct Row {
    const char* why;
    std::string_view type;
    bool uninformative;
    bool active;
  };
  const Row rows[] = {
      {"none", "", true, false},
      {"only a parameter", "; charset=utf-8", true, false},
      {"bytes", "application/octet-stream", true, false},
      {"bytes, with parameter", "application/octet-stream; x=y", true, false},
      {"bytes, other name", "binary/octet-stream", true, false},
      {"disguise", "image/png", true, false},
      {"text", "text/plain", true, false},
      {"WebVTT", "text/vtt; charset=utf-8", false, false},
      {"video", "video/mp2t", false, false},
      {"audio in capitals", "AUDIO/AAC", false, false},
      {"playlist", "application/vnd.apple.mpegurl", false, false},
      {"HTML", "text/html; charset=utf-8", true, true},
      {"HTML in capitals", "TEXT/HTML", true, true},
      {"XHTML", "application/xhtml+xml", true, true},
      {"SVG", "image/svg+xml", true, true},
      {"XML", "text/xml", true, true},
      {"script", "application/javascript", true, true},
      {"script, other name", "text/ecmascript", true, true},
      {"HTML at the end of a list, which browsers take", "text/plain, text/html", true, true},
      {"HTML behind a broken parameter", "text/plain;x, text/html", true, true},
      {"parts that replace each other", "multipart/x-mixed-replace;boundary=x", true, true},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(is_uninformative(row.type) == row.uninformative);
    CHECK(is_active_content(row.type) == row.active);
  }
}
