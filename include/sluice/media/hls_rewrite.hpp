#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sluice/core/error.hpp"
#include "sluice/core/url.hpp"
#include "sluice/hls/uri_table.hpp"

namespace sluice::media {

/// One URI of a playlist, made absolute.
struct UriTarget {
  const Url& url;
  hls::Resource resource;      ///< playlist, segment, map, key or data
  hls::PlaylistKind found_in;  ///< master: a tag that only a master playlist holds
  std::string_view tag = {};   ///< the tag whose attribute it is, without '#'; empty: a URI line
};

/// Says what stands in a rewritten playlist in place of a URI: a proxied URL, or the absolute one.
class UrlMapper {
 public:
  virtual ~UrlMapper() = default;
  /// Appends the replacement to `out`, which already holds the playlist up to this URI and may not
  /// be changed otherwise. It goes into the playlist as it is, so it must not hold quotes, blanks
  /// or line breaks. The target lives during the call only.
  virtual void append_to(std::string& out, const UriTarget& target) const = 0;
};

struct HlsRewriteOptions {
  /// Largest output, in bytes. A playlist of many short relative URIs grows with the length of what
  /// replaces them, which its sender has a say in.
  std::size_t max_output = std::size_t{64} * 1024 * 1024;
};

/// Rewrites every URI of a playlist, master or media, and leaves every other byte as it is: unknown
/// tags, comments, order, spelling of numbers, blanks, line endings, byte order mark.
///
/// * URIs are resolved against `base`, the playlist's own URL after redirects, and printed by
///   `mapper`; hls::kUriAttributes and hls::kUriLineTags say what each addresses. A URI line
///   without such a tag before it is a playlist if its URL looks like one, else a segment; after
///   EXTINF it is a segment unless it clearly is a playlist.
/// * Interstitials (EXT-X-DATERANGE) become absolute and stay direct.
/// * EXT-X-CONTENT-STEERING is dropped: its server would lead the player past the proxy.
/// * Left alone: URIs of other schemes (skd:, data:, urn:), keys of DRM systems and of METHOD=NONE,
///   URIs with a variable ("{$name}", EXT-X-DEFINE), and whatever does not resolve to a URL.
///
/// `playlist` need not be valid; it is not checked. Fails with body_too_large (origin upstream)
/// when the output would exceed `options.max_output`. Cost: one pass; per URI one Url.
[[nodiscard]] Result<std::string> rewrite_playlist(std::string_view playlist, const Url& base,
                                                   const UrlMapper& mapper,
                                                   const HlsRewriteOptions& options = {});

}  // namespace sluice::media
