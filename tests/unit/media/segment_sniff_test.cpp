#include "sluice/media/segment_sniff.hpp"

#include <string>

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/segments.hpp"

using namespace sluice::media;
using namespace sluice::test;
using namespace std::string_literals;

TEST_CASE("A segment is told by its first bytes", "[media][unit]") {
  struct Row {
    const char* why;
    std::string bytes;
    SegmentKind kind;
    std::string_view type;
  };
  const auto adts = "\xff\xf1\x50\x80\x2e\x7f\xfc"s;
  const Row rows[] = {
      {"nothing", "", SegmentKind::unknown, ""},
      {"text", "hello", SegmentKind::unknown, ""},
      {"two packets", ts_packets(2), SegmentKind::mpeg_ts, "video/mp2t"},
      {"one packet and a sync byte", ts_packets(2).substr(0, 189), SegmentKind::mpeg_ts,
       "video/mp2t"},
      {"one packet", ts_packets(1), SegmentKind::unknown, ""},
      {"ftyp", mp4_box("ftyp", "isom"), SegmentKind::mp4, "video/mp4"},
      {"styp", mp4_box("styp", "msdh"), SegmentKind::mp4, "video/mp4"},
      {"moof", mp4_fragment(10), SegmentKind::mp4, "video/mp4"},
      {"moov", mp4_box("moov", ""), SegmentKind::mp4, "video/mp4"},
      {"sidx", mp4_box("sidx", ""), SegmentKind::mp4, "video/mp4"},
      {"emsg", mp4_box("emsg", ""), SegmentKind::mp4, "video/mp4"},
      {"prft", mp4_box("prft", ""), SegmentKind::mp4, "video/mp4"},
      {"another box", mp4_box("abcd", "ftyp"), SegmentKind::unknown, ""},
      {"a box smaller than its head", "\0\0\0\7ftypisom"s, SegmentKind::unknown, ""},
      {"a box cut short",
       "\0\0\0\x10"
       "fty"s,
       SegmentKind::unknown, ""},
      {"ADTS", adts, SegmentKind::aac, "audio/aac"},
      {"ADTS with a checksum", "\xff\xf0\x50\x80\x2e\x7f\xfc"s, SegmentKind::aac, "audio/aac"},
      {"a frame shorter than its head", "\xff\xf1\x50\x80\0\x1f\xfc"s, SegmentKind::unknown, ""},
      {"no sampling rate of AAC", "\xff\xf1\x7c\x80\x2e\x7f\xfc"s, SegmentKind::unknown, ""},
      {"AAC behind a tag", "ID3\4\0\0\0\0\0\2xx"s + adts, SegmentKind::aac, "audio/aac"},
      {"MP3 behind a tag", "ID3\3\0\0\0\0\0\1x\xff\xfb\x90\x64"s, SegmentKind::mp3, "audio/mpeg"},
      {"a long tag", "ID3\4\0\0\0\0\x7f\x7f"s + adts, SegmentKind::packed_audio, "audio/aac"},
      {"a tag that is none", "ID3\4\0\0\xff\0\0\2xx"s + adts, SegmentKind::unknown, ""},
      {"MP3", "\xff\xfb\x90\x64"s, SegmentKind::mp3, "audio/mpeg"},
      {"padding is no MP3", "\xff\xff\xff\xff"s, SegmentKind::unknown, ""},
      {"AC-3", "\x0b\x77\0\0\0\x40"s, SegmentKind::ac3, "audio/ac3"},
      {"E-AC-3", "\x0b\x77\0\0\0\x80"s, SegmentKind::eac3, "audio/eac3"},
      {"WebVTT", "WEBVTT\n", SegmentKind::webvtt, "text/vtt"},
      {"WebVTT and nothing else", "WEBVTT", SegmentKind::webvtt, "text/vtt"},
      {"WebVTT behind a mark", "\xef\xbb\xbfWEBVTT - x\r\n", SegmentKind::webvtt, "text/vtt"},
      {"another word", "WEBVTTX", SegmentKind::unknown, ""},
      {"TTML", "<?xml version=\"1.0\"?>\n<tt xml:lang=\"en\">", SegmentKind::ttml,
       "application/ttml+xml"},
      {"TTML with a prefix", "<a:tt xmlns:a=\"http://www.w3.org/ns/ttml\">", SegmentKind::ttml,
       "application/ttml+xml"},
      {"another page", "<html><title>tt</title>", SegmentKind::unknown, ""},
      {"Matroska", "\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska", SegmentKind::matroska,
       "video/x-matroska"},
      {"WebM", "\x1a\x45\xdf\xa3\x8b\x42\x82\x84webm", SegmentKind::webm, "video/webm"},
      {"JPEG", "\xff\xd8\xff\xe0", SegmentKind::jpeg, "image/jpeg"},
      {"PNG", png(10), SegmentKind::png, "image/png"},
      {"GIF, even where a packet would begin", "GIF89a" + std::string(182, 'x') + "G",
       SegmentKind::gif, "image/gif"},
      {"WebP", "RIFF\0\0\0\0WEBPVP8 "s, SegmentKind::webp, "image/webp"},
      {"another RIFF", "RIFF\0\0\0\0WAVEfmt "s, SegmentKind::unknown, ""},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(sniff_segment(row.bytes) == row.kind);
    CHECK(media_type_of(row.kind) == row.type);
  }
}

TEST_CASE("A segment's type is its bytes', then its name's", "[media][unit]") {
  struct Row {
    const char* why;
    SegmentKind kind;
    std::string_view extension;
    std::string_view extension_type;
    std::string_view expected;
  };
  const Row rows[] = {
      {"bytes", SegmentKind::mpeg_ts, "m4s", "video/mp4", "video/mp2t"},
      {"name", SegmentKind::unknown, "ts", "video/mp2t", "video/mp2t"},
      {"neither", SegmentKind::unknown, "xyz", "", ""},
      {"the name says that it is audio", SegmentKind::mp4, "m4a", "audio/mp4", "audio/mp4"},
      {"MP4 under a wrong name", SegmentKind::mp4, "ts", "video/mp2t", "video/mp4"},
      {"the name says which audio", SegmentKind::packed_audio, "ac3", "audio/ac3", "audio/ac3"},
      {"the name does not", SegmentKind::packed_audio, "ts", "video/mp2t", "audio/aac"},
      {"a thumbnail", SegmentKind::jpeg, "jpg", "", "image/jpeg"},
      {"a thumbnail of another kind", SegmentKind::webp, "png", "", "image/webp"},
      {"a disguise", SegmentKind::png, "ts", "video/mp2t", "video/mp2t"},
      {"a picture that nobody expects", SegmentKind::gif, "", "", ""},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(choose_segment_type(row.kind, row.extension, row.extension_type) == row.expected);
  }
}
