#include "sluice/dash/segment_info.hpp"

#include "mpd_reader.hpp"

namespace sluice::dash {
namespace {

/// Own values take the place of inherited ones.
template <class T>
void override_with(std::optional<T>& value, std::optional<T> own) {
  if (own) value = std::move(own);
}

std::optional<std::string> attribute(const xml::Element& element, const char* name) {
  const auto value = element.attribute(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

std::optional<UrlRange> read_url_range(MpdReader& reader, const xml::Element& parent,
                                       std::string_view name) {
  const auto element = parent.first(name);
  if (!element) return std::nullopt;
  return UrlRange{attribute(element, "sourceURL"), reader.range(element, "range")};
}

TimelineEntry read_entry(MpdReader& reader, const xml::Element& element) {
  TimelineEntry entry;
  entry.t = reader.number(element, "t");
  const auto d = reader.number(element, "d");
  if (!d) reader.fail(element, "has no d");
  entry.d = d.value_or(0);
  entry.r = reader.signed_number(element, "r").value_or(0);
  entry.n = reader.number(element, "n");
  entry.k = reader.number(element, "k").value_or(1);
  if (entry.k == 0 || (entry.k > 1 && entry.k > entry.d)) {
    reader.fail(element, "k is not between 1 and d");
  }
  return entry;
}

std::shared_ptr<const std::vector<TimelineEntry>> read_timeline(MpdReader& reader,
                                                                const xml::Element& element) {
  auto timeline = std::make_shared<std::vector<TimelineEntry>>();
  for (auto child = element.first(); child && !reader.failed(); child = child.next()) {
    if (child.name() != "S") continue;
    reader.count_timeline_entry(child);
    timeline->push_back(read_entry(reader, child));
  }
  return timeline;
}

std::shared_ptr<const std::vector<SegmentUrl>> read_urls(MpdReader& reader,
                                                         const xml::Element& element) {
  auto urls = std::make_shared<std::vector<SegmentUrl>>();
  for (auto child = element.first("SegmentURL"); child && !reader.failed(); child = child.next()) {
    if (child.name() != "SegmentURL") continue;
    urls->push_back({attribute(child, "media"), reader.range(child, "mediaRange"),
                     attribute(child, "index"), reader.range(child, "indexRange")});
  }
  return urls;
}

void read_timing(MpdReader& reader, const xml::Element& element, SegmentInfo& info) {
  if (const auto timescale = reader.number(element, "timescale")) {
    if (*timescale == 0 || *timescale > UINT32_MAX) reader.fail(element, "timescale out of range");
    info.timescale = static_cast<std::uint32_t>(*timescale);
  }
  override_with(info.presentation_time_offset, reader.number(element, "presentationTimeOffset"));
  override_with(info.ept_delta, reader.signed_number(element, "eptDelta"));
  const auto duration = reader.number(element, "duration");
  if (duration && *duration > 0) info.duration = duration;
  override_with(info.start_number, reader.number(element, "startNumber"));
  override_with(info.end_number, reader.number(element, "endNumber"));
  override_with(info.availability_time_offset, reader.seconds(element, "availabilityTimeOffset"));
  override_with(info.availability_time_complete,
                reader.boolean(element, "availabilityTimeComplete"));
}

void read_addresses(MpdReader& reader, const xml::Element& element, SegmentInfo& info) {
  override_with(info.initialization, read_url_range(reader, element, "Initialization"));
  override_with(info.representation_index, read_url_range(reader, element, "RepresentationIndex"));
  override_with(info.index_range, reader.range(element, "indexRange"));
  override_with(info.index_range_exact, reader.boolean(element, "indexRangeExact"));
  if (info.addressing == Addressing::templated) {
    override_with(info.media, attribute(element, "media"));
    override_with(info.index, attribute(element, "index"));
    override_with(info.initialization_template, attribute(element, "initialization"));
  }
  if (const auto timeline = element.first("SegmentTimeline")) {
    info.timeline = read_timeline(reader, timeline);
  }
  if (info.addressing == Addressing::list && element.first("SegmentURL")) {
    info.urls = read_urls(reader, element);
  }
}

std::size_t text_size(const SegmentInfo& info) noexcept {
  const auto size = [](const std::optional<std::string>& text) { return text ? text->size() : 0; };
  const auto source = [&](const std::optional<UrlRange>& range) {
    return range ? size(range->source_url) : 0;
  };
  return size(info.media) + size(info.index) + size(info.initialization_template) +
         source(info.initialization) + source(info.representation_index);
}

}  // namespace

std::shared_ptr<const SegmentInfo> read_segment_info(
    MpdReader& reader, const xml::Element& element,
    const std::shared_ptr<const SegmentInfo>& inherited) {
  constexpr std::pair<std::string_view, Addressing> kKinds[] = {
      {"SegmentTemplate", Addressing::templated},
      {"SegmentList", Addressing::list},
      {"SegmentBase", Addressing::single}};
  for (const auto& [name, addressing] : kKinds) {
    const auto own = element.first(name);
    if (!own || read_xlink(own).resolves_to_zero) continue;
    // What another kind of addressing said above does not count: its values mean other things.
    auto info = std::make_shared<SegmentInfo>();
    if (inherited->addressing == addressing) *info = *inherited;
    info->addressing = addressing;
    read_timing(reader, own, *info);
    read_addresses(reader, own, *info);
    reader.count_inherited(own, text_size(*info));
    return info;
  }
  return inherited;
}

}  // namespace sluice::dash
