#include "sluice/hls/playlist.hpp"

#include <algorithm>
#include <array>

#include "sluice/core/query.hpp"
#include "sluice/core/text.hpp"
#include "sluice/hls/lines.hpp"

namespace sluice::hls {
namespace {

constexpr std::string_view kFirstTag = "#EXTM3U";
constexpr std::array<std::string_view, 3> kPlaylistWords = {"m3u8", "m3u", "m3u_plus"};
constexpr std::array<std::string_view, 6> kSegmentExtensions = {"ts",  "m4s", "mp4",
                                                                "m4a", "m4v", "aac"};

/// The one of `words` (lower case) that `wanted` is, in any case; empty when none.
template <std::size_t N>
std::string_view find_word(const std::array<std::string_view, N>& words,
                           std::string_view wanted) noexcept {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [&](std::string_view word) { return iequals(word, wanted); });
  return found == words.end() ? std::string_view() : *found;
}

bool path_says_playlist(const UrlParts& url) noexcept {
  return !find_word(kPlaylistWords, path_extension(url.path)).empty();
}

bool type_says_playlist(const UrlParts& url) {
  // Queries without these letters are not worth decoding, and most segments have one.
  if (url.query.find("m3u") == std::string_view::npos) return false;
  const Query query = Query::parse(url.query);
  const auto type = query.get("type");
  return type &&
         std::find(kPlaylistWords.begin(), kPlaylistWords.end(), *type) != kPlaylistWords.end();
}

bool is_utf16(std::string_view body) noexcept {
  using namespace std::string_view_literals;
  return body.starts_with("\xff\xfe"sv) || body.starts_with("\xfe\xff"sv) ||
         body.starts_with("#\0E\0"sv) || body.starts_with("\0#\0E"sv);
}

std::string_view skip_blanks(std::string_view body) noexcept {
  body = skip_byte_order_mark(body);
  body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n\v\f"), body.size()));
  return body;
}

/// The first tag of `playlist` that `fits`.
template <class Predicate>
bool any_tag(std::string_view playlist, Predicate fits) noexcept {
  LineReader reader(skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    const auto tag = parse_tag(line->text);
    if (tag && fits(*tag)) return true;
  }
  return false;
}

}  // namespace

bool is_playlist_url(std::string_view url) {
  const auto parts = split_url(url);
  return path_says_playlist(parts) || type_says_playlist(parts);
}

bool is_playlist_url_among_segments(std::string_view url) {
  const auto parts = split_url(url);
  if (path_says_playlist(parts)) return true;
  return find_word(kSegmentExtensions, path_extension(parts.path)).empty() &&
         type_says_playlist(parts);
}

std::string_view segment_extension(std::string_view url, Resource resource) noexcept {
  return segment_extension_of_path(split_url(url).path, resource);
}

std::string_view segment_extension_of_path(std::string_view path, Resource resource) noexcept {
  const auto known = find_word(kSegmentExtensions, path_extension(path));
  if (!known.empty()) return known;
  return resource == Resource::map ? "mp4" : "ts";
}

Sniff sniff_playlist(std::string_view first_bytes) noexcept {
  const bool part_of_mark = first_bytes.size() < kByteOrderMark.size() &&
                            kByteOrderMark.substr(0, first_bytes.size()) == first_bytes;
  if (part_of_mark) return Sniff::undecided;
  const std::string_view start = skip_blanks(first_bytes).substr(0, kFirstTag.size());
  if (start != kFirstTag.substr(0, start.size())) return Sniff::other;
  return start.size() == kFirstTag.size() ? Sniff::playlist : Sniff::undecided;
}

BodyKind classify_body(std::string_view body) noexcept {
  const std::string_view start = skip_blanks(body);
  if (start.empty()) return BodyKind::empty;
  if (istarts_with(start, "<!doctype") || istarts_with(start, "<html")) return BodyKind::html;
  if (is_utf16(body)) return BodyKind::utf16;
  return start.find(kFirstTag) == start.npos ? BodyKind::junk : BodyKind::playlist;
}

std::string_view describe(BodyKind kind) noexcept {
  switch (kind) {
    case BodyKind::playlist: return {};
    case BodyKind::empty: return "Empty upstream response";
    case BodyKind::html: return "Stream offline or unavailable";
    case BodyKind::utf16: return "The playlist is in UTF-16; HLS knows UTF-8 only";
    case BodyKind::junk: return "Invalid upstream response";
  }
  return {};
}

std::string ended_playlist(std::string_view comment) {
  std::string line(comment);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n# " + line +
         "\n#EXT-X-ENDLIST\n";
}

bool is_master_tag(std::string_view name) noexcept {
  if (const UriLineTag* row = find_uri_line_tag(name)) return row->found_in == PlaylistKind::master;
  const auto found = std::find_if(kUriAttributes.begin(), kUriAttributes.end(),
                                  [&](const UriAttribute& row) { return row.tag == name; });
  return found != kUriAttributes.end() && found->found_in == PlaylistKind::master;
}

bool is_master(std::string_view playlist) noexcept {
  return any_tag(playlist, [](const Tag& tag) { return is_master_tag(tag.name); });
}

bool is_live(std::string_view playlist) noexcept {
  return !any_tag(playlist, [](const Tag& tag) {
    return tag.name == "EXT-X-ENDLIST" ||
           (tag.name == "EXT-X-PLAYLIST-TYPE" && trim(tag.value) == "VOD") ||
           is_master_tag(tag.name);
  });
}

}  // namespace sluice::hls
