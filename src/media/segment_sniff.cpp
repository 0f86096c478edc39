#include "sluice/media/segment_sniff.hpp"

#include <algorithm>
#include <array>

namespace sluice::media {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kTsPacket = 188;
constexpr char kTsSync = 0x47;

constexpr std::array kMp4Boxes = {"ftyp"sv, "styp"sv, "moof"sv, "moov"sv,
                                  "sidx"sv, "emsg"sv, "prft"sv};
constexpr std::array kImageExtensions = {"jpg"sv, "jpeg"sv, "png"sv, "gif"sv, "webp"sv};

unsigned byte_at(std::string_view bytes, std::size_t index) noexcept {
  return static_cast<unsigned char>(bytes[index]);
}

std::uint32_t be32(std::string_view bytes) noexcept {
  return byte_at(bytes, 0) << 24 | byte_at(bytes, 1) << 16 | byte_at(bytes, 2) << 8 |
         byte_at(bytes, 3);
}

SegmentKind sniff_image(std::string_view bytes) noexcept {
  if (bytes.starts_with("\xff\xd8\xff")) return SegmentKind::jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return SegmentKind::png;
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return SegmentKind::gif;
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") {
    return SegmentKind::webp;
  }
  return SegmentKind::unknown;
}

bool is_ts(std::string_view bytes) noexcept {
  return bytes.size() > kTsPacket && bytes[0] == kTsSync && bytes[kTsPacket] == kTsSync;
}

/// ISO/IEC 14496-12, 4.2: size and type. Sizes 0 (to the end) and 1 (a long size) are no use here.
bool is_mp4(std::string_view bytes) noexcept {
  if (bytes.size() < 8 || be32(bytes) < 8) return false;
  return std::find(kMp4Boxes.begin(), kMp4Boxes.end(), bytes.substr(4, 4)) != kMp4Boxes.end();
}

/// ISO/IEC 13818-7, 6.2.1: sync word, layer 0, a known sampling rate, a frame longer than its head.
bool is_adts(std::string_view bytes) noexcept {
  if (bytes.size() < 7 || byte_at(bytes, 0) != 0xff || (byte_at(bytes, 1) & 0xf6) != 0xf0) {
    return false;
  }
  const auto rate = byte_at(bytes, 2) >> 2 & 0xf;
  const auto length =
      (byte_at(bytes, 3) & 3) << 11 | byte_at(bytes, 4) << 3 | byte_at(bytes, 5) >> 5;
  return rate < 13 && length >= 7;
}

/// ISO/IEC 11172-3, 2.4.2.3: layer III with a known version, bit rate and sampling rate.
bool is_mp3(std::string_view bytes) noexcept {
  if (bytes.size() < 4 || byte_at(bytes, 0) != 0xff || (byte_at(bytes, 1) & 0xe6) != 0xe2) {
    return false;
  }
  const auto version = byte_at(bytes, 1) >> 3 & 3;
  const auto bit_rate = byte_at(bytes, 2) >> 4;
  const auto rate = byte_at(bytes, 2) >> 2 & 3;
  return version != 1 && bit_rate != 0 && bit_rate != 15 && rate != 3;
}

SegmentKind sniff_audio(std::string_view bytes) noexcept {
  if (is_adts(bytes)) return SegmentKind::aac;
  if (is_mp3(bytes)) return SegmentKind::mp3;
  if (bytes.size() >= 6 && bytes.starts_with("\x0b\x77")) {
    // bsid, ETSI TS 102 366, E.1.3.1.6.
    const auto version = byte_at(bytes, 5) >> 3;
    if (version <= 10) return SegmentKind::ac3;
    if (version <= 16) return SegmentKind::eac3;
  }
  return SegmentKind::unknown;
}

/// An ID3v2 tag, whose size is written in seven bits of each byte, and the audio behind it.
SegmentKind sniff_id3(std::string_view bytes) noexcept {
  constexpr std::size_t kHeader = 10;
  if (bytes.size() < kHeader || !bytes.starts_with("ID3")) return SegmentKind::unknown;
  std::size_t size = 0;
  for (std::size_t i = 6; i < kHeader; ++i) {
    if (byte_at(bytes, i) >= 0x80) return SegmentKind::unknown;
    size = size << 7 | byte_at(bytes, i);
  }
  if (bytes.size() - kHeader <= size) return SegmentKind::packed_audio;
  const auto behind = sniff_audio(bytes.substr(kHeader + size));
  return behind == SegmentKind::unknown ? SegmentKind::packed_audio : behind;
}

bool is_webvtt(std::string_view text) noexcept {
  constexpr auto kMagic = "WEBVTT"sv;
  if (!text.starts_with(kMagic)) return false;
  return text.size() == kMagic.size() || " \t\r\n"sv.find(text[kMagic.size()]) != text.npos;
}

bool is_ttml(std::string_view text) noexcept {
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == text.npos || text[start] != '<') return false;
  for (const auto root : {"<tt "sv, "<tt>"sv, "<tt:"sv, "<tt\n"sv, "<tt\r"sv, "/ns/ttml"sv}) {
    if (text.find(root) != text.npos) return true;
  }
  return false;
}

SegmentKind sniff_text(std::string_view bytes) noexcept {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  if (is_webvtt(bytes)) return SegmentKind::webvtt;
  return is_ttml(bytes) ? SegmentKind::ttml : SegmentKind::unknown;
}

/// An EBML head; its DocType stands in its first bytes as plain text. RFC 9559, 6.
SegmentKind sniff_matroska(std::string_view bytes) noexcept {
  if (!bytes.starts_with("\x1a\x45\xdf\xa3")) return SegmentKind::unknown;
  const bool webm = bytes.substr(0, 64).find("webm") != bytes.npos;
  return webm ? SegmentKind::webm : SegmentKind::matroska;
}

}  // namespace

SegmentKind sniff_segment(std::string_view first_bytes) noexcept {
  const auto bytes = first_bytes.substr(0, kSniffBytes);
  // A GIF begins with a transport stream's sync byte.
  if (const auto image = sniff_image(bytes); image != SegmentKind::unknown) return image;
  if (is_ts(bytes)) return SegmentKind::mpeg_ts;
  if (is_mp4(bytes)) return SegmentKind::mp4;
  for (const auto sniff : {sniff_id3, sniff_audio, sniff_matroska, sniff_text}) {
    if (const auto kind = sniff(bytes); kind != SegmentKind::unknown) return kind;
  }
  return SegmentKind::unknown;
}

std::string_view media_type_of(SegmentKind kind) noexcept {
  switch (kind) {
    case SegmentKind::unknown: return {};
    case SegmentKind::mpeg_ts: return "video/mp2t";
    case SegmentKind::mp4: return "video/mp4";
    case SegmentKind::aac:
    case SegmentKind::packed_audio: return "audio/aac";
    case SegmentKind::mp3: return "audio/mpeg";
    case SegmentKind::ac3: return "audio/ac3";
    case SegmentKind::eac3: return "audio/eac3";
    case SegmentKind::webvtt: return "text/vtt";
    case SegmentKind::ttml: return "application/ttml+xml";
    case SegmentKind::matroska: return "video/x-matroska";
    case SegmentKind::webm: return "video/webm";
    case SegmentKind::jpeg: return "image/jpeg";
    case SegmentKind::png: return "image/png";
    case SegmentKind::gif: return "image/gif";
    case SegmentKind::webp: return "image/webp";
  }
  return {};
}

bool is_image(SegmentKind kind) noexcept {
  return kind == SegmentKind::jpeg || kind == SegmentKind::png || kind == SegmentKind::gif ||
         kind == SegmentKind::webp;
}

std::string_view choose_segment_type(SegmentKind kind, std::string_view extension,
                                     std::string_view extension_type) noexcept {
  const bool thumbnail = std::find(kImageExtensions.begin(), kImageExtensions.end(), extension) !=
                         kImageExtensions.end();
  if (kind == SegmentKind::unknown || (is_image(kind) && !thumbnail)) return extension_type;
  // The bytes do not tell audio from video, nor always one codec from another; the name may.
  if (kind == SegmentKind::mp4 && extension_type.ends_with("/mp4")) return extension_type;
  if (kind == SegmentKind::packed_audio && extension_type.starts_with("audio/")) {
    return extension_type;
  }
  return media_type_of(kind);
}

}  // namespace sluice::media
