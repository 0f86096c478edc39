#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sluice/hls/tag.hpp"

namespace sluice::hls {

/// What a URI in a playlist addresses.
enum class Resource : std::uint8_t {
  playlist,  ///< another playlist
  segment,   ///< media: a segment, or a part of one
  map,       ///< a media initialization section
  key,       ///< a decryption key
  data,      ///< session data (JSON or raw)
  asset,     ///< an interstitial: a playlist, played as a presentation of its own
  assets,    ///< a JSON list of interstitials
  steering,  ///< a content steering manifest (JSON)
};

/// RFC 8216's multivariant playlist is called master here, as in most players and servers.
enum class PlaylistKind : std::uint8_t { master, media };

/// An attribute whose value is a URI.
struct UriAttribute {
  std::string_view tag;
  std::string_view attribute;
  Resource resource;
  PlaylistKind found_in;
  std::string_view if_type = {};  ///< the row counts only when the attribute TYPE has this value
};

/// Every attribute that holds a URI. RFC 8216bis, 4.4; EXT-X-IMAGE-STREAM-INF is an extension for
/// thumbnails in use by several packagers.
inline constexpr auto kUriAttributes = std::to_array<UriAttribute>({
    {"EXT-X-MEDIA", "URI", Resource::playlist, PlaylistKind::master},
    {"EXT-X-I-FRAME-STREAM-INF", "URI", Resource::playlist, PlaylistKind::master},
    {"EXT-X-IMAGE-STREAM-INF", "URI", Resource::playlist, PlaylistKind::master},
    {"EXT-X-SESSION-KEY", "URI", Resource::key, PlaylistKind::master},
    {"EXT-X-SESSION-DATA", "URI", Resource::data, PlaylistKind::master},
    {"EXT-X-CONTENT-STEERING", "SERVER-URI", Resource::steering, PlaylistKind::master},
    {"EXT-X-KEY", "URI", Resource::key, PlaylistKind::media},
    {"EXT-X-MAP", "URI", Resource::map, PlaylistKind::media},
    {"EXT-X-PART", "URI", Resource::segment, PlaylistKind::media},
    {"EXT-X-PRELOAD-HINT", "URI", Resource::segment, PlaylistKind::media, "PART"},
    {"EXT-X-PRELOAD-HINT", "URI", Resource::map, PlaylistKind::media, "MAP"},
    {"EXT-X-RENDITION-REPORT", "URI", Resource::playlist, PlaylistKind::media},
    {"EXT-X-DATERANGE", "X-ASSET-URI", Resource::asset, PlaylistKind::media},
    {"EXT-X-DATERANGE", "X-ASSET-LIST", Resource::assets, PlaylistKind::media},
});

/// Tags whose whole value is the URI of a segment that is still being made; low-latency extensions
/// from before EXT-X-PART, which players still know.
inline constexpr auto kUriTags =
    std::to_array<std::string_view>({"EXT-X-PREFETCH", "EXT-X-TWITCH-PREFETCH"});

/// A tag that says what the next URI line addresses.
struct UriLineTag {
  std::string_view tag;
  Resource resource;
  PlaylistKind found_in;
};

inline constexpr auto kUriLineTags = std::to_array<UriLineTag>({
    {"EXT-X-STREAM-INF", Resource::playlist, PlaylistKind::master},
    {"EXTINF", Resource::segment, PlaylistKind::media},
});

/// True when some attribute of the tag called `tag` is a URI; the quick check before its attributes
/// are read at all.
[[nodiscard]] bool has_uri_attribute(std::string_view tag) noexcept;

/// True when the whole value of the tag called `tag` is a segment's URI.
[[nodiscard]] bool is_uri_tag(std::string_view tag) noexcept;

/// True when `attribute` of the tag called `tag` is a URI for some TYPE at least.
[[nodiscard]] bool may_be_uri(std::string_view tag, std::string_view attribute) noexcept;

/// The row for `attribute` of `tag`; nullptr when it is no URI in this tag. Static storage.
[[nodiscard]] const UriAttribute* find_uri_attribute(const Tag& tag,
                                                     std::string_view attribute) noexcept;

/// The row of the tag called `tag`; nullptr when it says nothing about the next URI line. Static
/// storage.
[[nodiscard]] const UriLineTag* find_uri_line_tag(std::string_view tag) noexcept;

/// True when an EXT-X-KEY or EXT-X-SESSION-KEY with these attributes names a key to be fetched: its
/// METHOD is not NONE and its KEYFORMAT is "identity", or left out. The keys of other formats are
/// the business of a DRM system. RFC 8216, 4.3.2.4.
[[nodiscard]] bool is_plain_key(std::string_view attributes) noexcept;

}  // namespace sluice::hls
