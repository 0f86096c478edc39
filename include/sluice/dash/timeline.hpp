#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sluice/core/error.hpp"
#include "sluice/dash/segment_info.hpp"
#include "sluice/dash/sidx.hpp"
#include "sluice/dash/time.hpp"

namespace sluice::dash {

/// Stands for a bound that is not there; far from all media times, and from where int128 ends.
inline constexpr int128 kNoBound = static_cast<int128>(1) << 100;

/// Which segments to list, in ticks on the media timeline.
struct TimelineBounds {
  int128 after = -kNoBound;      ///< those that end behind this
  int128 before = kNoBound;      ///< those that begin before this; the last one is cut here
  int128 available = kNoBound;   ///< those that end here or before
  int128 open_ended = kNoBound;  ///< the same for segments that nothing else ends
};

/// Where a segment lies on the media timeline.
struct TimelineSegment {
  std::uint64_t number = 0;
  std::uint64_t sub_number = 0;  ///< from 1 in a segment sequence; 0: is no part of one
  std::uint64_t time = 0;        ///< in ticks; of a part: of the sequence
  std::uint64_t start = 0;       ///< in ticks; of a part: its own
  std::uint64_t duration = 0;    ///< in ticks, cut at the bound; 0: not known
  std::uint64_t index = 0;       ///< how many segments the MPD names before it
  friend bool operator==(const TimelineSegment&, const TimelineSegment&) = default;
};

/// The segments of a Representation that lie within bounds, as runs of equal ones: what it costs
/// depends on how many entries the MPD has, never on how often they repeat.
class Timeline {
 public:
  /// From SegmentTimeline, @duration, or, where there is neither, one segment that is as long as
  /// the Period. Gaps stay gaps, and overlaps stay. bad_manifest when repeats have no end, or the
  /// MPD has more than one URL and no times for them.
  [[nodiscard]] static Result<Timeline> of(const SegmentInfo& info, const TimelineBounds& bounds);
  /// From a segment index; numbers count from `first_number`.
  [[nodiscard]] static Timeline of(const SegmentIndex& index, std::uint64_t first_number,
                                   const TimelineBounds& bounds);

  /// At most 2^62; more are left out.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// `position` < size(), in the order of the MPD.
  [[nodiscard]] TimelineSegment at(std::uint64_t position) const noexcept;

 private:
  /// Segments, or sequences of `parts` segments, that follow each other without gap.
  struct Run {
    int128 start = 0;
    std::uint64_t duration = 0;
    std::uint64_t count = 0;
    std::uint64_t number = 0;
    std::uint64_t parts = 1;
    std::uint64_t index = 0;
    /// Of the part `part`, counted through all sequences.
    [[nodiscard]] int128 start_of(std::uint64_t part) const noexcept;
  };
  /// What the bounds left of a run.
  struct Piece {
    Run run;
    std::uint64_t first_part = 0;
    std::uint64_t position = 0;  ///< of its first segment
  };
  explicit Timeline(const TimelineBounds& bounds) noexcept : bounds_(bounds) {}
  [[nodiscard]] Result<> add_timeline(const SegmentInfo& info);
  [[nodiscard]] Result<> add_equal(const SegmentInfo& info);
  void add_single(const SegmentInfo& info);
  void add(Run run, const SegmentInfo& info, bool open_ended);
  void push(const Run& run, std::uint64_t first_part, std::uint64_t end_part);

  TimelineBounds bounds_;
  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
};

}  // namespace sluice::dash
