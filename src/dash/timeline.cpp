#include "sluice/dash/timeline.hpp"

#include <algorithm>
#include <limits>

namespace sluice::dash {
namespace {

constexpr int128 kEndOfTime = static_cast<int128>(1) << 64;  ///< media times have 64 bits
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 62;

Error no_end() {
  return upstream_error(Errc::bad_manifest, "MPD: segments repeat, and nothing says how often");
}

std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) noexcept {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

std::uint64_t clamped_count(int128 count) noexcept {
  return static_cast<std::uint64_t>(std::clamp<int128>(count, 0, kMaxSize));
}

/// The first value of [0, end) for which `passes` does not hold any more; it holds before.
template <class Predicate>
std::uint64_t partition_point(std::uint64_t end, Predicate passes) noexcept {
  std::uint64_t begin = 0;
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    if (passes(middle)) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

/// True when no product of the two, added to `start`, comes near the end of time; divisions by
/// 128-bit numbers are what listing would cost otherwise.
bool is_small(int128 start, std::uint64_t duration, std::uint64_t count) noexcept {
  return start < kEndOfTime / 2 && duration < UINT32_MAX && count < UINT32_MAX / 2;
}

int128 first_media_time(const SegmentInfo& info) noexcept {
  return static_cast<int128>(info.presentation_time_offset.value_or(0)) +
         info.ept_delta.value_or(0);
}

}  // namespace

int128 Timeline::Run::start_of(std::uint64_t part) const noexcept {
  if (parts == 1) return start + static_cast<int128>(part) * duration;
  const int128 whole = static_cast<int128>(part / parts) * duration;
  return start + whole + static_cast<int128>(part % parts) * duration / parts;
}

Result<Timeline> Timeline::of(const SegmentInfo& info, const TimelineBounds& bounds) {
  Timeline timeline(bounds);
  if (info.addressing == Addressing::list && (!info.urls || info.urls->empty())) return timeline;
  const bool has_times = info.timeline || info.duration;
  if (info.addressing == Addressing::single ||
      (!has_times && (!info.urls || info.urls->size() == 1))) {
    timeline.add_single(info);
    return timeline;
  }
  if (!has_times) {
    return upstream_error(Errc::bad_manifest, "MPD: a SegmentList without duration or timeline");
  }
  const auto added = info.timeline ? timeline.add_timeline(info) : timeline.add_equal(info);
  if (!added) return added.error();
  return timeline;
}

Timeline Timeline::of(const SegmentIndex& index, std::uint64_t first_number,
                      const TimelineBounds& bounds) {
  Timeline timeline(bounds);
  const SegmentInfo unlimited;
  std::uint64_t position = 0;
  for (const IndexedSegment& segment : index.segments) {
    timeline.add(
        {segment.time, segment.duration, 1, saturated_sum(first_number, position), 1, position},
        unlimited, false);
    ++position;
  }
  return timeline;
}

Result<> Timeline::add_timeline(const SegmentInfo& info) {
  int128 next_start = 0;
  std::uint64_t number = info.start_number.value_or(1);
  std::uint64_t index = 0;
  const auto& entries = *info.timeline;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const TimelineEntry& entry = entries[i];
    const int128 start = entry.t ? static_cast<int128>(*entry.t) : next_start;
    if (entry.n) number = *entry.n;
    const bool is_last = i + 1 == entries.size();
    std::uint64_t count = entry.r < 0 ? 1 : static_cast<std::uint64_t>(entry.r) + 1;
    bool open_ended = false;
    if (entry.r < 0 && entry.d > 0 && (is_last || entries[i + 1].t)) {
      const int128 until = is_last ? bounds_.before : static_cast<int128>(*entries[i + 1].t);
      open_ended = until >= kNoBound;
      if (open_ended && bounds_.open_ended >= kNoBound && !info.end_number && !info.urls) {
        return no_end();
      }
      count = clamped_count(ceil_div(until - start, entry.d));
    }
    const std::uint64_t parts = info.addressing == Addressing::list ? 1 : entry.k;
    add({start, entry.d, count, number, parts, index}, info, open_ended);
    number = saturated_sum(number, count);
    index = saturated_sum(index, count);
    // Products stay within bounds: there are no segments behind the end of time.
    int128 fitting = count;
    if (!is_small(start, entry.d, count)) {
      fitting = entry.d > 0 ? (kEndOfTime - std::min(start, kEndOfTime)) / entry.d + 1 : 0;
    }
    next_start = start + std::min<int128>(count, fitting) * entry.d;
  }
  return {};
}

Result<> Timeline::add_equal(const SegmentInfo& info) {
  const int128 start = first_media_time(info);
  const bool open_ended = bounds_.before >= kNoBound;
  if (open_ended && bounds_.available >= kNoBound && bounds_.open_ended >= kNoBound &&
      !info.end_number && !info.urls) {
    return no_end();
  }
  const auto count = clamped_count(ceil_div(bounds_.before - start, *info.duration));
  add({start, *info.duration, count, info.start_number.value_or(1), 1, 0}, info, open_ended);
  return {};
}

void Timeline::add_single(const SegmentInfo& info) {
  Run run{first_media_time(info), 0, 1, info.start_number.value_or(1), 1, 0};
  if (bounds_.before >= kNoBound || bounds_.before > kEndOfTime) {
    if (run.start >= 0 && run.start < kEndOfTime && bounds_.after < kNoBound) push(run, 0, 1);
    return;
  }
  run.duration = static_cast<std::uint64_t>(std::max<int128>(bounds_.before - run.start, 0));
  add(run, info, false);
}

/// Cuts off what lies outside the bounds, and what the MPD leaves out.
void Timeline::add(Run run, const SegmentInfo& info, bool open_ended) {
  if (run.duration == 0 || run.count == 0 || run.start < 0 || run.start >= kEndOfTime) return;
  if (info.end_number) {
    if (run.number > *info.end_number) return;
    const std::uint64_t more = *info.end_number - run.number;
    if (run.count - 1 > more) run.count = more + 1;
  }
  if (info.urls) {
    if (run.index >= info.urls->size()) return;
    run.count = std::min<std::uint64_t>(run.count, info.urls->size() - run.index);
  }
  if (!is_small(run.start, run.duration, run.count)) {
    const int128 fitting = (kEndOfTime - 1 - run.start) / run.duration + 1;
    run.count = std::min(run.count, clamped_count(fitting));
  }
  if (run.count - 1 > UINT64_MAX - run.number) run.count = UINT64_MAX - run.number + 1;
  if (run.parts > 1) run.count = std::min(run.count, kMaxSize / run.parts);
  if (run.count == 0) return;
  const std::uint64_t parts = run.count * run.parts;

  const int128 available =
      open_ended ? std::min(bounds_.available, bounds_.open_ended) : bounds_.available;
  const auto is_over = [&](std::uint64_t part) {
    return std::min(run.start_of(part + 1), bounds_.before) <= bounds_.after;
  };
  const auto is_there = [&](std::uint64_t part) {
    return run.start_of(part) < bounds_.before &&
           std::min(run.start_of(part + 1), bounds_.before) <= available;
  };
  // Most runs lie wholly inside or outside.
  std::uint64_t first = 0;
  if (is_over(parts - 1)) return;
  if (is_over(0)) first = partition_point(parts, is_over);
  const std::uint64_t end = is_there(parts - 1) ? parts : partition_point(parts, is_there);
  push(run, first, end);
}

void Timeline::push(const Run& run, std::uint64_t first_part, std::uint64_t end_part) {
  if (first_part >= end_part) return;
  const std::uint64_t count = std::min(end_part - first_part, kMaxSize - size_);
  if (count == 0) return;
  pieces_.push_back({run, first_part, size_});
  size_ += count;
}

TimelineSegment Timeline::at(std::uint64_t position) const noexcept {
  const auto behind = std::upper_bound(
      pieces_.begin(), pieces_.end(), position,
      [](std::uint64_t wanted, const Piece& piece) { return wanted < piece.position; });
  const Piece& piece = *std::prev(behind);
  const Run& run = piece.run;
  const std::uint64_t part = piece.first_part + (position - piece.position);
  const std::uint64_t sequence = run.parts == 1 ? part : part / run.parts;
  const int128 start = run.start_of(part);
  const int128 end = std::min(run.start_of(part + 1), bounds_.before);
  TimelineSegment segment;
  segment.number = run.number + sequence;
  segment.sub_number = run.parts > 1 ? part % run.parts + 1 : 0;
  segment.time = static_cast<std::uint64_t>(run.start_of(sequence * run.parts));
  segment.start = static_cast<std::uint64_t>(start);
  segment.duration = static_cast<std::uint64_t>(end - start);
  segment.index = run.index + sequence;
  return segment;
}

}  // namespace sluice::dash
