#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace sluice::routes {

/// How HLS playlists are handled. Table [hls] of the settings file.
struct HlsSettings {
  /// Largest playlist held in memory for rewriting, in bytes; more is answered 502.
  std::size_t max_playlist_bytes = 16 * 1024 * 1024;
  /// An origin that answers 2xx with something that is no playlist: true ends the stream with an
  /// empty finished playlist, false answers 502.
  bool graceful_stream_end = true;
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
