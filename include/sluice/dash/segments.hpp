#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/core/error.hpp"
#include "sluice/core/reference_resolver.hpp"
#include "sluice/dash/mpd.hpp"
#include "sluice/dash/sidx.hpp"
#include "sluice/dash/template.hpp"
#include "sluice/dash/timeline.hpp"

namespace sluice::dash {

/// Something to fetch.
struct Resource {
  std::string url;                 ///< absolute
  std::optional<ByteRange> range;  ///< nullopt: all of it
  friend bool operator==(const Resource&, const Resource&) = default;
};

/// A media segment, or a part of one that is sent in parts.
struct Segment {
  Resource resource;
  std::uint64_t number = 0;
  std::uint64_t sub_number = 0;  ///< from 1; 0: the whole segment
  std::uint64_t time = 0;        ///< on the media timeline, in ticks
  std::uint64_t duration = 0;    ///< in ticks, cut at the Period's end, rounded up; 0: not known
  std::uint32_t timescale = 1;   ///< ticks per second
  Seconds start;         ///< on the presentation's timeline; before the Period's start where
                         ///< the segment reaches over it
  Seconds length;        ///< the duration without that rounding
  bool complete = true;  ///< false: it is available, but still being made
};

struct ListOptions {
  Time now;                  ///< by the clock that the MPD means; of no effect when static
  std::size_t base_url = 0;  ///< which alternative; the last one if there are fewer
  const SegmentIndex* index = nullptr;  ///< of a Representation with a segment index, once known
};

/// The segments of a Representation that can be fetched at a time, worked out one by one. A live
/// presentation has those that are available (Period and segment durations, availability start and
/// end, availabilityTimeOffset) and that still overlap the time-shift buffer. ISO/IEC
/// 23009-1, 5.3.9 and A.3. Not available: everything of an early available Period. In a static
/// presentation all of the Period is there. Without availabilityStartTime a live timeline is taken
/// as it stands. Movable; for one thread.
class Segments {
 public:
  /// How many all() gives at most.
  static constexpr std::uint64_t kMaxListed = 100'000;

  /// `period` belongs to `mpd`, `representation` to `period`; none has to outlive the call, but the
  /// index may be used no longer than this. bad_manifest (origin upstream): nothing says how many
  /// segments there are, a SegmentTemplate without media, or a malformed template.
  [[nodiscard]] static Result<Segments> list(const Mpd& mpd, const Period& period,
                                             const Representation& representation,
                                             const ListOptions& options);

  [[nodiscard]] std::uint64_t size() const noexcept { return timeline_.size(); }
  /// `position` < size(), in the order of the MPD. bad_manifest when its URL is none. Not const: it
  /// uses memory of this object.
  [[nodiscard]] Result<Segment> at(std::uint64_t position);
  /// `count` of them from `first` on, or as many as there are. Fails like at().
  [[nodiscard]] Result<std::vector<Segment>> slice(std::uint64_t first, std::uint64_t count);
  /// All of them; bad_manifest also when there are more than kMaxListed.
  [[nodiscard]] Result<std::vector<Segment>> all();

 private:
  Segments(const Period& period, const Representation& representation, const BaseUrl& base,
           Timeline timeline);
  [[nodiscard]] Resource resource_of(const TimelineSegment& segment) const;

  BaseUrls base_urls_;  ///< keeps base_ alive
  const BaseUrl* base_;
  std::unique_ptr<ReferenceResolver> resolver_;
  std::shared_ptr<const SegmentInfo> info_;
  Timeline timeline_;
  std::vector<ByteRange> indexed_;  ///< the ranges of a segment index
  std::optional<UrlTemplate> media_;
  std::string representation_id_;
  std::uint64_t bandwidth_;
  std::uint32_t timescale_;
  Seconds origin_;  ///< of the media timeline, on the presentation's
  std::optional<Seconds> period_end_;
  int128 last_tick_ = kNoBound;       ///< of the Period, rounded up
  int128 complete_until_ = kNoBound;  ///< segments that end behind this are still being made
};

/// What a player needs before the first segment; nullopt when segments need nothing. The start of
/// the file, where the MPD says only where its index is. bad_manifest like Segments.
[[nodiscard]] Result<std::optional<Resource>> initialization_of(
    const Representation& representation, std::size_t base_url = 0);

/// Where the segment index is, for a SidxReader that begins at the range's first byte; nullopt when
/// the MPD does not say (a file without SegmentBase@indexRange can be searched from byte 0). For
/// Representations whose addressing is Addressing::single.
[[nodiscard]] Result<std::optional<Resource>> index_of(const Representation& representation,
                                                       std::size_t base_url = 0);

}  // namespace sluice::dash
