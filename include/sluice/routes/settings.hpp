#pragma once

#include <cstddef>

namespace sluice::routes {

/// How HLS playlists are handled. Table [hls] of the settings file.
struct HlsSettings {
  /// Largest playlist held in memory for rewriting, in bytes; more is answered 502.
  std::size_t max_playlist_bytes = 16 * 1024 * 1024;
  /// An origin that answers 2xx with something that is no playlist: true ends the stream with an
  /// empty finished playlist, false answers 502.
  bool graceful_stream_end = true;
};

}  // namespace sluice::routes
