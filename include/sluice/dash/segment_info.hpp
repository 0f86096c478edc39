#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sluice/dash/time.hpp"

namespace sluice::dash {

/// Bytes of a resource, both ends included.
struct ByteRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> last;  ///< nullopt: to the end
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// A URLType: Initialization, RepresentationIndex.
struct UrlRange {
  std::optional<std::string> source_url;  ///< as written; nullopt: the base URL itself
  std::optional<ByteRange> range;         ///< nullopt: all of it
};

/// One S element of a SegmentTimeline.
struct TimelineEntry {
  std::optional<std::uint64_t> t;  ///< nullopt: where the one before it ends
  std::uint64_t d = 0;             ///< 0: stands for segments that cannot be played
  std::int64_t r = 0;  ///< repeats after the first; negative: up to the next S or the end
  std::optional<std::uint64_t> n;  ///< number of the first segment; nullopt: the next one
  std::uint64_t k = 1;             ///< parts that each segment is sent in, 1 to d
};

/// A SegmentURL of a SegmentList. Empty members: the base URL, all of it, no index.
struct SegmentUrl {
  std::optional<std::string> media;
  std::optional<ByteRange> media_range;
  std::optional<std::string> index;
  std::optional<ByteRange> index_range;
};

enum class Addressing : std::uint8_t {
  single,    ///< the base URL is the only segment, or has an index: SegmentBase, or nothing at all
  list,      ///< SegmentList
  templated  ///< SegmentTemplate
};

/// What SegmentBase, SegmentList and SegmentTemplate say about a Representation, the values of
/// Period and AdaptationSet included where its own are missing. ISO/IEC 23009-1, 5.3.9. Times are
/// in ticks of 1/`timescale` seconds.
struct SegmentInfo {
  Addressing addressing = Addressing::single;

  std::optional<std::uint32_t> timescale;                 ///< never 0; absent: 1
  std::optional<std::uint64_t> presentation_time_offset;  ///< media time of the Period's start
  std::optional<std::int64_t> ept_delta;  ///< first segment's time minus that, for @duration
  std::optional<std::uint64_t> duration;  ///< of each segment; never 0
  std::optional<std::uint64_t> start_number;
  std::optional<std::uint64_t> end_number;
  std::optional<Duration> availability_time_offset;
  std::optional<bool> availability_time_complete;

  std::optional<UrlRange> initialization;
  std::optional<UrlRange> representation_index;
  std::optional<ByteRange> index_range;
  std::optional<bool> index_range_exact;

  std::optional<std::string> media;                    ///< template
  std::optional<std::string> index;                    ///< template
  std::optional<std::string> initialization_template;  ///< wins over the element
  /// Shared by the Representations that inherit it; null: none.
  std::shared_ptr<const std::vector<TimelineEntry>> timeline;
  std::shared_ptr<const std::vector<SegmentUrl>> urls;

  [[nodiscard]] std::uint32_t ticks_per_second() const noexcept { return timescale.value_or(1); }
};

}  // namespace sluice::dash
