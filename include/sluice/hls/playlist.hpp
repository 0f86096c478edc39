#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/core/url.hpp"
#include "sluice/hls/uri_table.hpp"

namespace sluice::hls {

/// URLs are absolute ones here, as Url::text() has them.

/// True when the URL alone says playlist: its path ends in .m3u, .m3u8 or .m3u_plus, or its query
/// parameter `type` is one of these three words.
[[nodiscard]] bool is_playlist_url(std::string_view url);

/// As is_playlist_url(), for a URL at a place where a segment is expected: there a `type` parameter
/// does not count when the path ends like a media file.
[[nodiscard]] bool is_playlist_url_among_segments(std::string_view url);

/// The extension a proxied URL gets, so that players that go by it are content: m4s, mp4, m4a, m4v
/// and aac from the URL's path (its query does not count), otherwise ts; for a map mp4, unless its
/// path says one of the others. Static storage.
[[nodiscard]] std::string_view segment_extension(std::string_view url, Resource resource) noexcept;

/// The same for what is known to be the URL's path, or its end from some '/' on.
[[nodiscard]] std::string_view segment_extension_of_path(std::string_view path,
                                                         Resource resource) noexcept;

/// What the first bytes of a body tell.
enum class Sniff : std::uint8_t {
  playlist,   ///< "#EXTM3U" after an optional byte order mark and blanks
  other,      ///< something else
  undecided,  ///< nothing but blanks, or the beginning of the mark: more bytes are needed
};

/// Recognises a playlist whatever its Content-Type says. The caller bounds how many bytes it
/// gathers while undecided; an undecided body that has ended is no playlist.
[[nodiscard]] Sniff sniff_playlist(std::string_view first_bytes) noexcept;

/// What a whole body is that was expected to be a playlist.
enum class BodyKind : std::uint8_t {
  playlist,  ///< holds "#EXTM3U"; possibly after junk
  empty,     ///< blanks at most
  html,      ///< starts with "<!doctype" or "<html"
  utf16,     ///< text in UTF-16, which RFC 8216, 4.1 does not allow
  junk,      ///< anything else
};

[[nodiscard]] BodyKind classify_body(std::string_view body) noexcept;

/// What went wrong, in words a viewer may read; empty for a playlist. Static storage.
[[nodiscard]] std::string_view describe(BodyKind kind) noexcept;

/// A playlist without segments that ends the presentation: what a player gets in place of a body
/// that is no playlist, so that it stops instead of trying forever. `comment` goes into it as one
/// comment line, control characters replaced by spaces.
[[nodiscard]] std::string ended_playlist(std::string_view comment);

/// True for the name of a tag that only a master playlist may hold. RFC 8216, 4.3.4.
[[nodiscard]] bool is_master_tag(std::string_view name) noexcept;

/// True when a tag occurs that only a master playlist may hold. RFC 8216, 4.3.4.
[[nodiscard]] bool is_master(std::string_view playlist) noexcept;

/// True for a media playlist that will still change: neither EXT-X-ENDLIST nor
/// EXT-X-PLAYLIST-TYPE:VOD occurs, and it is no master. One pass over the text.
[[nodiscard]] bool is_live(std::string_view playlist) noexcept;

}  // namespace sluice::hls
