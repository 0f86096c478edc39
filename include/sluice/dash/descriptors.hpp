#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/dash/mpd.hpp"

namespace sluice::dash {

/// True for a set or Representation of key frames only, for fast forward. DASH-IF IOP, 3.2.9.
[[nodiscard]] bool is_trick_mode(const CommonAttributes& common) noexcept;

/// Tiles of pictures that an image shows.
struct ThumbnailGrid {
  std::uint32_t columns = 1;
  std::uint32_t rows = 1;
  friend bool operator==(const ThumbnailGrid&, const ThumbnailGrid&) = default;
};
/// The grid of a thumbnail track; nullopt for everything else. DASH-IF IOP, 6.2.6.
[[nodiscard]] std::optional<ThumbnailGrid> thumbnail_grid(const CommonAttributes& common) noexcept;

enum class VideoRange : std::uint8_t { sdr, hlg, pq };
/// From the transfer characteristics (ISO/IEC 23091-2); sdr when nothing is said.
[[nodiscard]] VideoRange video_range(const CommonAttributes& common) noexcept;

/// From the first AudioChannelConfiguration of a known scheme (MPEG's number, CICP, Dolby's masks).
[[nodiscard]] std::optional<std::uint32_t> channel_count(const CommonAttributes& common) noexcept;

/// True when the set has this value in the DASH role scheme ("main", "caption", "subtitle").
[[nodiscard]] bool has_role(const AdaptationSet& set, std::string_view role) noexcept;

enum class KeySystem : std::uint8_t { common, clear_key, widevine, play_ready, fair_play, other };
/// `common`: the mp4protection scheme, which names the encryption and the default key.
[[nodiscard]] KeySystem key_system(const ContentProtection& protection) noexcept;

}  // namespace sluice::dash
