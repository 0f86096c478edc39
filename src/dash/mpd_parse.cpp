#include "mpd_reader.hpp"
#include "sluice/core/text.hpp"
#include "sluice/dash/iso8601.hpp"

namespace sluice::dash {
namespace {

/// Everything of the MPD element but its Periods.
void read_mpd_attributes(MpdReader& reader, const xml::Element& root, Mpd& mpd) {
  mpd.dynamic = root.attribute("type").value_or("static") == "dynamic";
  mpd.id = text_of(root, "id");
  mpd.profiles = text_of(root, "profiles");
  mpd.availability_start_time = reader.time(root, "availabilityStartTime");
  mpd.availability_end_time = reader.time(root, "availabilityEndTime");
  // Nothing is counted from these two.
  mpd.publish_time = parse_date_time(root.attribute("publishTime").value_or(""));
  mpd.min_buffer_time = parse_duration(root.attribute("minBufferTime").value_or(""));
  mpd.media_presentation_duration = reader.duration(root, "mediaPresentationDuration");
  mpd.minimum_update_period = reader.duration(root, "minimumUpdatePeriod");
  mpd.time_shift_buffer_depth = reader.duration(root, "timeShiftBufferDepth");
  mpd.suggested_presentation_delay = reader.duration(root, "suggestedPresentationDelay");
  mpd.max_segment_duration = parse_duration(root.attribute("maxSegmentDuration").value_or(""));
}

Location read_location(const xml::Element& element) {
  return {element.text(), text_of(element, "serviceLocation"),
          parse_decimal_seconds(element.attribute("ttl").value_or(""))};
}

std::optional<std::chrono::milliseconds> milliseconds(const xml::Element& element,
                                                      const char* name) noexcept {
  const auto value = lenient_number(element, name);
  return value ? std::optional(std::chrono::milliseconds(*value)) : std::nullopt;
}

void read_service_description(const xml::Element& element, Mpd& mpd) {
  const auto latency = element.first("Latency");
  if (!latency || mpd.latency) return;
  mpd.latency = Latency{milliseconds(latency, "target"), milliseconds(latency, "min"),
                        milliseconds(latency, "max")};
}

Period read_period(MpdReader& reader, const xml::Element& element, const BaseUrls& base_urls) {
  reader.count_period(element);
  Period period;
  period.id = text_of(element, "id");
  period.start_attribute = reader.duration(element, "start");
  period.duration = reader.duration(element, "duration");
  period.xlink = read_xlink(element).xlink;
  const auto bases = read_base_urls(reader, element, base_urls);
  const auto segments = read_segment_info(reader, element, std::make_shared<const SegmentInfo>());
  for (auto child = element.first(); child && !reader.failed(); child = child.next()) {
    const auto name = child.name();
    if (name == "AdaptationSet" && !read_xlink(child).resolves_to_zero) {
      period.adaptation_sets.push_back(read_adaptation_set(reader, child, bases, segments));
    } else if (name == "EventStream" && !read_xlink(child).resolves_to_zero) {
      ++period.event_streams;
    } else if (name == "AssetIdentifier") {
      const auto asset = read_descriptor(child);
      period.asset_identifier = asset.scheme_id_uri + " " + asset.value;
    }
  }
  return period;
}

void read_children(MpdReader& reader, const xml::Element& root, const BaseUrls& bases, Mpd& mpd) {
  for (auto child = root.first(); child && !reader.failed(); child = child.next()) {
    const auto name = child.name();
    if (name == "Period" && !read_xlink(child).resolves_to_zero) {
      mpd.periods.push_back(read_period(reader, child, bases));
    } else if (name == "Location") {
      mpd.locations.push_back(read_location(child));
    } else if (name == "PatchLocation") {
      mpd.patch_locations.push_back(read_location(child));
    } else if (name == "UTCTiming") {
      mpd.utc_timings.push_back(read_descriptor(child));
    } else if (name == "EssentialProperty") {
      mpd.essential_properties.push_back(read_descriptor(child));
    } else if (name == "SupplementalProperty") {
      mpd.supplemental_properties.push_back(read_descriptor(child));
    } else if (name == "ServiceDescription") {
      read_service_description(child, mpd);
    }
  }
}

}  // namespace

Result<Mpd> parse_mpd(std::string_view text, const Url& url) {
  const auto document = xml::Document::parse(text);
  if (!document) return document.error();
  const auto root = document->root();
  MpdReader reader(text);
  if (root.name() != "MPD") {
    reader.fail(root, "the document is no MPD");
    return reader.error();
  }
  Mpd mpd;
  read_mpd_attributes(reader, root, mpd);
  const auto own = std::make_shared<const std::vector<BaseUrl>>(
      std::vector<BaseUrl>{{url, {}, Duration(0), std::nullopt, std::nullopt}});
  read_children(reader, root, read_base_urls(reader, root, own), mpd);
  if (reader.failed()) return reader.error();
  infer_period_times(mpd);
  return mpd;
}

}  // namespace sluice::dash
