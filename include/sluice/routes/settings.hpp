#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace sluice::routes {

/// Where the media segments of a playlist lead.
enum class ContentRouting : std::uint8_t {
  mediaflow,  ///< through this server
  stremio,    ///< through a Stremio server's proxy
  direct,     ///< to the origin
};

/// How HLS playlists are handled. Table [hls] of the settings file.
struct HlsSettings {
  /// Largest playlist held in memory for rewriting, in bytes; more is answered 502.
  std::size_t max_playlist_bytes = 16 * 1024 * 1024;
  /// An origin that answers 2xx with something that is no playlist: true ends the stream with an
  /// empty finished playlist, false answers 502.
  bool graceful_stream_end = true;
  /// Where segments lead when the request does not say otherwise.
  ContentRouting content_routing = ContentRouting::mediaflow;
  /// Address of the Stremio server that `stremio` routing uses; without it segments come through
  /// this server.
  std::string stremio_proxy_url;
  /// How long before its end a live stream begins for which the request names no start_offset; 0:
  /// the player's choice.
  std::chrono::milliseconds live_start_delay{18'000};
  /// How long a live playlist that cannot be fetched is replaced by what it was last, so that the
  /// player comes again instead of giving up; 0: never.
  std::chrono::milliseconds stale_playlist{20'000};
  /// Memory for that, in bytes, over all workers.
  std::size_t stale_playlist_bytes = 16 * 1024 * 1024;
};

/// How the address that origins see is found out, for /proxy/ip. Table [public_ip] of the settings
/// file.
struct PublicIpSettings {
  /// The answer, for who knows it; empty: the services are asked.
  std::string address;
  /// URLs, separated by commas, asked in their order through the outgoing proxy that is set for
  /// them: each answers with the address, alone or as `ip` or `origin` of a JSON object.
  std::string services =
      "https://api.ipify.org?format=json, https://ipinfo.io/json, https://httpbin.org/ip";
  /// An answer is used again for this long.
  std::chrono::milliseconds cache_ttl{300'000};
};

}  // namespace sluice::routes
