#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/core/error.hpp"
#include "sluice/core/url.hpp"
#include "sluice/hls/uri_table.hpp"
#include "sluice/hls/variables.hpp"

namespace sluice::media {

/// How a segment that the player shall get clear is to be decrypted. RFC 8216, 4.3.2.4.
struct SegmentDecryption {
  std::string_view method;  ///< "AES-128" and the like
  std::string_view
      key_url;             ///< absolute; empty for the map of segments whose samples are encrypted
  std::string iv;          ///< "0x" and 32 hex digits; empty without key
  std::string byte_range;  ///< "first-last", of what is encrypted; empty: all
  /// The map of a segment whose samples are encrypted, absolute; empty: it has none.
  std::string_view map_url;
  std::string_view map_range;  ///< as byte_range
};

/// One URI of a playlist, made absolute. Lives during one call of a UrlMapper.
struct UriTarget {
  std::string_view url;  ///< as Url::text()
  hls::Resource resource = hls::Resource::segment;
  hls::PlaylistKind found_in = hls::PlaylistKind::media;  ///< master: a tag only a master holds
  std::string_view tag = {};  ///< the tag it stands in, without '#'; empty: a URI line
  /// For a playlist: what it may import from the one it is named in. Null: nothing.
  const hls::Variables* variables = nullptr;
  /// Null: as it is.
  const SegmentDecryption* decryption = nullptr;
};

/// Says what stands in a rewritten playlist in place of a URI: a proxied URL, or the absolute one.
class UrlMapper {
 public:
  virtual ~UrlMapper() = default;
  /// Appends the replacement to `out`, which already holds the playlist up to this URI and may not
  /// be changed otherwise. It goes into the playlist as it is, so it must not hold quotes, blanks
  /// or line breaks.
  virtual void append_to(std::string& out, const UriTarget& target) const = 0;
  /// By how much a segment's URL usually grows, in bytes; for the output's memory.
  [[nodiscard]] virtual std::size_t usual_growth() const { return 0; }
};

struct HlsRewriteOptions {
  /// Largest output, in bytes. A playlist of many short relative URIs grows with the length of what
  /// replaces them, which its sender has a say in.
  std::size_t max_output = std::size_t{64} * 1024 * 1024;
  /// Variables of the master playlist, for EXT-X-DEFINE:IMPORT.
  hls::Variables imported = {};
  /// Segments shall reach the player clear: keys that Sluice can use disappear, and the mapper is
  /// told how to decrypt. Methods AES-128, AES-256, AES-256-CTR, SAMPLE-AES and SAMPLE-AES-CTR with
  /// KEYFORMAT identity.
  bool decrypt = false;
};

/// Rewrites every URI of a playlist, master or media, and leaves every other byte as it is: unknown
/// tags, comments, order, spelling of numbers, blanks, line endings, byte order mark.
///
/// * URIs are resolved against `base`, the playlist's own URL after redirects, and printed by the
///   mapper; hls::kUriAttributes, kUriTags and kUriLineTags say what each addresses. A URI line
///   without such a tag before it is a playlist if its URL looks like one, else a segment; after
///   EXTINF it is a segment unless it clearly is a playlist.
/// * Variables ("{$name}", EXT-X-DEFINE) in URIs are replaced before. The tags stay, since the
///   player needs them for other attributes; QUERYPARAM becomes NAME and VALUE, because the
///   player's URL of the playlist has another query.
/// * Left alone: URIs of other schemes (skd:, data:, urn:), keys of DRM systems and of METHOD=NONE,
///   URIs with an undefined variable, and whatever does not resolve to a URL.
///
/// * EXT-X-CONTENT-STEERING whose manifest would not come through the mapper is left out, and so is
///   its name in other lines: such a manifest could have the player send our URLs, and what they
///   carry, to another host.
///
/// `playlist` need not be valid; it is not checked.
class PlaylistRewriter {
 public:
  /// A longer line is not_a_playlist, in bytes.
  static constexpr std::size_t kMaxLine = std::size_t{64} * 1024;

  /// All but `options` outlive this.
  PlaylistRewriter(std::string_view playlist, const Url& base, const UrlMapper& mapper,
                   HlsRewriteOptions options = {});
  ~PlaylistRewriter();
  PlaylistRewriter(const PlaylistRewriter&) = delete;
  PlaylistRewriter& operator=(const PlaylistRewriter&) = delete;

  /// Rewrites at least `bytes` more of the playlist, up to a line's end, so that a worker can do
  /// other things in between; true when all is done. body_too_large when the output would exceed
  /// its bound, not_a_playlist for a line that is too long (origin upstream).
  [[nodiscard]] Result<bool> step(std::size_t bytes);
  /// The output, once.
  [[nodiscard]] std::string take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// All at once. Cost: one pass, linear.
[[nodiscard]] Result<std::string> rewrite_playlist(std::string_view playlist, const Url& base,
                                                   const UrlMapper& mapper,
                                                   HlsRewriteOptions options = {});

}  // namespace sluice::media
