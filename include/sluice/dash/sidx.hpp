#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/core/error.hpp"
#include "sluice/dash/segment_info.hpp"

namespace sluice::dash {

/// One subsegment of a file with a segment index.
struct IndexedSegment {
  std::uint64_t offset = 0;    ///< of its first byte in the file
  std::uint64_t size = 0;      ///< in bytes, at least 1
  std::uint64_t time = 0;      ///< in ticks of the index's timescale
  std::uint64_t duration = 0;  ///< in ticks
  friend bool operator==(const IndexedSegment&, const IndexedSegment&) = default;
};

/// What the sidx boxes of a file say.
struct SegmentIndex {
  std::uint32_t timescale = 1;  ///< never 0
  std::vector<IndexedSegment> segments;
};

/// Reads a segment index, hierarchical or not, out of the parts of a file that it asks for one
/// after the other. ISO/IEC 14496-12, 8.16.3. Boxes before the index are passed over.
///
///     SidxReader reader(request.range->first);
///     while (const auto range = reader.wanted()) reader.feed(fetch(*range), range->first);
///     use(reader.index());
class SidxReader {
 public:
  static constexpr std::size_t kMaxSegments = 500'000;
  static constexpr std::size_t kMaxBoxes = 20'000;  ///< read or passed over

  /// `first`: where the index is said to begin; 0 for a file about which nothing is known.
  explicit SidxReader(std::uint64_t first = 0) noexcept : next_(first) {}

  /// Which bytes to feed next, `last` always given; nullopt: the index is complete. More than these
  /// may be fed, such as the whole indexRange of the MPD; that saves questions.
  [[nodiscard]] std::optional<ByteRange> wanted() const noexcept;

  /// `bytes` are the file's from `offset` on; fewer than wanted means that the file ends there.
  /// They are not kept. bad_manifest (origin upstream) when there is no sidx before the media, the
  /// file ends early, a box is malformed, references do not go forward, timescales differ, or there
  /// are too many segments.
  [[nodiscard]] Result<> feed(std::span<const std::uint8_t> bytes, std::uint64_t offset);

  /// Complete once wanted() is nullopt.
  [[nodiscard]] const SegmentIndex& index() const noexcept { return index_; }

 private:
  struct Reference {
    std::uint64_t offset;
    std::uint64_t size;
    std::uint64_t time;
    std::uint64_t duration;
    bool is_index;
  };
  /// The box at next_; true when it was dealt with, false when more bytes are needed.
  [[nodiscard]] Result<bool> read_box(std::span<const std::uint8_t> box);
  [[nodiscard]] Result<> read_sidx(std::span<const std::uint8_t> body, std::uint64_t anchor);
  [[nodiscard]] Result<> follow();

  SegmentIndex index_;
  std::vector<Reference> pending_;  ///< the next one last
  std::uint64_t next_;              ///< offset of the box to read next
  std::uint64_t need_ = 4096;       ///< how many of its bytes
  std::size_t boxes_ = 0;
  bool found_ = false;
  bool done_ = false;
};

}  // namespace sluice::dash
