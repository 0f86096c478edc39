#include "sluice/dash/segments.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::dash {
namespace {

const BaseUrl& base_of(const Representation& representation, std::size_t wanted) noexcept {
  const auto& urls = *representation.base_urls;
  return urls[std::min(wanted, urls.size() - 1)];
}

Error bad_url() {
  return upstream_error(Errc::bad_manifest, "MPD: the URL of a segment is not http or https");
}

Result<Resource> resolve(const BaseUrl& base, std::string_view reference,
                         std::optional<ByteRange> range) {
  const auto url = base.url.resolve(reference);
  if (!url) return bad_url();
  return Resource{url->text(), range};
}

Result<Resource> resolve(const BaseUrl& base, const UrlRange& wanted) {
  if (!wanted.source_url) return Resource{base.url.text(), wanted.range};
  return resolve(base, *wanted.source_url, wanted.range);
}

/// Behind initialization and index, where both are in the media file.
std::optional<ByteRange> media_range(const SegmentInfo& info, const BaseUrl& base) noexcept {
  std::uint64_t first = 0;
  const auto leave_out = [&](const std::optional<ByteRange>& range) {
    if (range && range->last && *range->last < UINT64_MAX)
      first = std::max(first, *range->last + 1);
  };
  if (info.initialization && !info.initialization->source_url) {
    leave_out(info.initialization->range);
  }
  if (!info.representation_index) leave_out(info.index_range);
  if (first == 0) return base.byte_range;
  return ByteRange{first, base.byte_range ? base.byte_range->last : std::nullopt};
}

/// Times are counted from here in a live presentation, in nanoseconds; far apart as dates may be,
/// nothing overflows.
struct LiveClock {
  int128 age = 0;  ///< of the Period
  bool known = true;

  LiveClock(const Mpd& mpd, const Period& period, Time now) noexcept
      : age(static_cast<int128>(now.time_since_epoch().count()) - period.start->count()),
        known(mpd.availability_start_time.has_value()) {
    if (known) age -= mpd.availability_start_time->time_since_epoch().count();
  }
};

/// `timescale` and `offset`: of the media timeline and of the Period's start on it.
TimelineBounds bounds_of(const Mpd& mpd, const Period& period, const SegmentInfo& info,
                         const BaseUrl& base, Time now, std::uint32_t timescale, int128 offset) {
  TimelineBounds bounds;
  bounds.after = offset;
  if (period.end) {
    const int128 length = static_cast<int128>(period.end->count()) - period.start->count();
    bounds.before = offset + ceil_ticks(length, timescale);
  }
  if (!mpd.dynamic) return bounds;
  const LiveClock clock(mpd, period, now);
  bounds.open_ended = offset + floor_ticks(clock.age, timescale);
  if (!clock.known && info.timeline) return bounds;
  const Duration own = info.availability_time_offset.value_or(Duration(0));
  if (own != kForever && base.availability_time_offset != kForever) {
    const int128 early = static_cast<int128>(own.count()) + base.availability_time_offset.count();
    bounds.available = offset + floor_ticks(clock.age + early, timescale);
    bounds.open_ended = bounds.available;
  }
  if (mpd.time_shift_buffer_depth) {
    const int128 left = clock.age - mpd.time_shift_buffer_depth->count();
    bounds.after = std::max(bounds.after, offset + floor_ticks(left, timescale));
  }
  if (mpd.availability_end_time && now > *mpd.availability_end_time) bounds.after = kNoBound;
  return bounds;
}

/// The Period's start on the media timeline of a segment index, which may have another timescale.
std::uint64_t scaled_offset(const SegmentInfo& info, std::uint32_t timescale) noexcept {
  const std::uint64_t offset = info.presentation_time_offset.value_or(0);
  if (timescale == info.ticks_per_second()) return offset;
  const int128 scaled = static_cast<int128>(offset) * timescale / info.ticks_per_second();
  return static_cast<std::uint64_t>(std::min<int128>(scaled, UINT64_MAX));
}

}  // namespace

Segments::Segments(const Period& period, const Representation& representation, const BaseUrl& base,
                   Timeline timeline)
    : base_urls_(representation.base_urls),
      base_(&base),
      resolver_(std::make_unique<ReferenceResolver>(base.url)),
      info_(representation.segments),
      timeline_(std::move(timeline)),
      representation_id_(representation.id),
      bandwidth_(representation.bandwidth),
      timescale_(info_->ticks_per_second()),
      origin_(Seconds::of(period.start.value_or(Duration(0))) -
              Seconds::of(info_->presentation_time_offset.value_or(0), timescale_)) {
  if (period.end) period_end_ = Seconds::of(*period.end);
}

Result<Segments> Segments::list(const Mpd& mpd, const Period& period,
                                const Representation& representation, const ListOptions& options) {
  const SegmentInfo& info = *representation.segments;
  const BaseUrl& base = base_of(representation, options.base_url);
  const SegmentIndex* const index = info.addressing == Addressing::single ? options.index : nullptr;
  const std::uint32_t timescale = index != nullptr ? index->timescale : info.ticks_per_second();
  TimelineBounds bounds;
  bounds.before = 0;  // of an early available Period
  if (period.start) {
    bounds =
        bounds_of(mpd, period, info, base, options.now, timescale, scaled_offset(info, timescale));
  }
  auto timeline = index != nullptr ? Timeline::of(*index, info.start_number.value_or(1), bounds)
                                   : Timeline::of(info, bounds);
  if (!timeline) return timeline.error();
  Segments segments(period, representation, base, *std::move(timeline));
  segments.timescale_ = timescale;
  segments.last_tick_ = bounds.before;
  if (index != nullptr) {
    for (const auto& [offset, size, time, duration] : index->segments) {
      segments.indexed_.push_back({offset, offset + size - 1});
    }
  }
  if (info.addressing == Addressing::templated) {
    if (!info.media) {
      return upstream_error(Errc::bad_manifest, "MPD: a SegmentTemplate without media");
    }
    auto media = UrlTemplate::parse(*info.media);
    if (!media) return media.error();
    segments.media_ = *std::move(media);
  }
  const auto chunked = info.availability_time_complete ? info.availability_time_complete
                                                       : base.availability_time_complete;
  if (mpd.dynamic && mpd.availability_start_time && period.start && !chunked.value_or(true)) {
    const LiveClock clock(mpd, period, options.now);
    segments.complete_until_ = scaled_offset(info, timescale) + floor_ticks(clock.age, timescale);
  }
  return segments;
}

/// Its URL still a reference.
Resource Segments::resource_of(const TimelineSegment& segment) const {
  if (media_) {
    // A segment that is sent whole is the only part of its sequence.
    const TemplateValues values{representation_id_, bandwidth_, segment.number, segment.time,
                                std::max<std::uint64_t>(segment.sub_number, 1)};
    return {media_->expand(values), std::nullopt};
  }
  if (info_->urls) {
    const SegmentUrl& url = (*info_->urls)[static_cast<std::size_t>(segment.index)];
    return {url.media.value_or(std::string()), url.media_range};
  }
  if (indexed_.empty()) return {{}, media_range(*info_, *base_)};
  return {{}, indexed_[static_cast<std::size_t>(segment.index)]};
}

Result<Segment> Segments::at(std::uint64_t position) {
  const TimelineSegment place = timeline_.at(position);
  Segment segment;
  segment.resource = resource_of(place);
  if (segment.resource.url.empty()) {
    segment.resource.url = base_->url.text();
  } else {
    const auto url = resolver_->resolve(segment.resource.url);
    if (!url) return bad_url();
    segment.resource.url = std::string(*url);
  }
  segment.number = place.number;
  segment.sub_number = place.sub_number;
  segment.time = place.start;
  segment.duration = place.duration;
  segment.timescale = timescale_;
  segment.start = origin_ + Seconds::of(place.start, timescale_);
  segment.length = Seconds::of(place.duration, timescale_);
  const int128 end = static_cast<int128>(place.start) + place.duration;
  if (period_end_ && end >= last_tick_ && segment.start + segment.length > *period_end_) {
    segment.length = *period_end_ - segment.start;
  }
  segment.complete = end <= complete_until_;
  return segment;
}

Result<std::vector<Segment>> Segments::slice(std::uint64_t first, std::uint64_t count) {
  std::vector<Segment> segments;
  if (first >= size()) return segments;
  count = std::min(count, size() - first);
  segments.reserve(static_cast<std::size_t>(std::min(count, kMaxListed)));
  for (std::uint64_t i = 0; i < count; ++i) {
    auto segment = at(first + i);
    if (!segment) return segment.error();
    segments.push_back(*std::move(segment));
  }
  return segments;
}

Result<std::vector<Segment>> Segments::all() {
  if (size() <= kMaxListed) return slice(0, size());
  return upstream_error(Errc::bad_manifest,
                        fmt::format("MPD: {} segments, more than {}", size(), kMaxListed));
}

Result<std::optional<Resource>> initialization_of(const Representation& representation,
                                                  std::size_t base_url) {
  const SegmentInfo& info = *representation.segments;
  const BaseUrl& base = base_of(representation, base_url);
  Result<Resource> resource = Resource{};
  if (info.initialization_template) {
    const auto text = UrlTemplate::parse(*info.initialization_template);
    if (!text) return text.error();
    const TemplateValues values{representation.id, representation.bandwidth, {}, {}, {}};
    resource = resolve(base, text->expand(values), std::nullopt);
  } else if (info.initialization) {
    resource = resolve(base, *info.initialization);
  } else if (info.addressing == Addressing::single && info.index_range &&
             !info.representation_index && info.index_range->first > 0) {
    resource = Resource{base.url.text(), ByteRange{0, info.index_range->first - 1}};
  } else {
    return std::optional<Resource>();
  }
  if (!resource) return resource.error();
  return std::optional(*std::move(resource));
}

Result<std::optional<Resource>> index_of(const Representation& representation,
                                         std::size_t base_url) {
  const SegmentInfo& info = *representation.segments;
  const BaseUrl& base = base_of(representation, base_url);
  if (info.addressing != Addressing::single || (!info.index_range && !info.representation_index)) {
    return std::optional<Resource>();
  }
  Result<Resource> resource = Resource{base.url.text(), info.index_range};
  if (info.representation_index) resource = resolve(base, *info.representation_index);
  if (!resource) return resource.error();
  if (!resource->range) resource->range = info.index_range;
  return std::optional(*std::move(resource));
}

}  // namespace sluice::dash
