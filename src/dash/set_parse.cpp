#include <algorithm>
#include <cctype>

#include "mpd_reader.hpp"
#include "sluice/core/text.hpp"

namespace sluice::dash {
namespace {

std::optional<FrameRate> parse_frame_rate(std::string_view text) noexcept {
  const auto slash = text.find('/');
  const auto numerator = parse_u64(trim(text.substr(0, slash)));
  const auto denominator = slash == text.npos ? std::optional<std::uint64_t>(1)
                                              : parse_u64(trim(text.substr(slash + 1)));
  if (!numerator || !denominator || *numerator == 0 || *denominator == 0) return std::nullopt;
  if (*numerator > UINT32_MAX || *denominator > UINT32_MAX) return std::nullopt;
  return FrameRate{static_cast<std::uint32_t>(*numerator),
                   static_cast<std::uint32_t>(*denominator)};
}

/// The 32 digits of a UUID, in lower case; empty when it is none.
std::string parse_kid(std::string_view text) {
  std::string digits;
  for (const char c : trim(text)) {
    if (c == '-') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return {};
    digits += ascii_lower(c);
  }
  return digits.size() == 32 ? digits : std::string();
}

/// Splits at runs of blanks.
void add_kids(std::string_view list, std::vector<std::string>& kids) {
  constexpr std::string_view kBlanks = " \t\r\n";
  while (true) {
    list.remove_prefix(std::min(list.find_first_not_of(kBlanks), list.size()));
    if (list.empty()) return;
    const auto word = list.substr(0, list.find_first_of(kBlanks));
    if (auto kid = parse_kid(word); !kid.empty()) kids.push_back(std::move(kid));
    list.remove_prefix(word.size());
  }
}

ContentProtection read_protection(const xml::Element& element) {
  ContentProtection protection;
  protection.scheme_id_uri = ascii_lower(trim(element.attribute("schemeIdUri").value_or("")));
  protection.value = text_of(element, "value");
  if (const auto kids = element.prefixed_attribute("default_KID")) {
    add_kids(*kids, protection.default_kids);
  }
  for (auto child = element.first(); child; child = child.next()) {
    if (iequals(child.name(), "pssh")) {
      if (protection.pssh.empty()) protection.pssh = child.text();
    } else if (iequals(child.name(), "pro")) {
      if (protection.pro.empty()) protection.pro = child.text();
    } else if (iequals(child.name(), "laurl") && protection.licence_url.empty()) {
      protection.licence_url = child.text();
      if (protection.licence_url.empty()) protection.licence_url = text_of(child, "licenseUrl");
    }
  }
  return protection;
}

SubRepresentation read_sub_representation(const xml::Element& element) {
  SubRepresentation sub;
  sub.common = read_common(element);
  sub.level = lenient_number(element, "level");
  sub.bandwidth = parse_u64(trim(element.attribute("bandwidth").value_or("")));
  sub.content_component = text_of(element, "contentComponent");
  return sub;
}

Representation read_representation(MpdReader& reader, const xml::Element& element,
                                   const BaseUrls& base_urls,
                                   const std::shared_ptr<const SegmentInfo>& segments) {
  reader.count_representation(element);
  Representation representation;
  representation.id = text_of(element, "id");
  representation.bandwidth = reader.number(element, "bandwidth").value_or(0);
  representation.common = read_common(element);
  for (auto child = element.first("SubRepresentation"); child; child = child.next()) {
    if (child.name() == "SubRepresentation") {
      representation.sub_representations.push_back(read_sub_representation(child));
    }
  }
  representation.base_urls = read_base_urls(reader, element, base_urls);
  representation.segments = read_segment_info(reader, element, segments);
  return representation;
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void complete(std::string& value, const std::string& fallback) {
  if (value.empty()) value = fallback;
}

template <class T>
void complete(std::optional<T>& value, const std::optional<T>& fallback) {
  if (!value) value = fallback;
}

}  // namespace

Descriptor read_descriptor(const xml::Element& element) {
  return {std::string(trim(element.attribute("schemeIdUri").value_or(""))),
          text_of(element, "value"), text_of(element, "id")};
}

CommonAttributes read_common(const xml::Element& element) {
  CommonAttributes common;
  common.profiles = text_of(element, "profiles");
  common.mime_type = text_of(element, "mimeType");
  common.codecs = text_of(element, "codecs");
  common.width = lenient_number(element, "width");
  common.height = lenient_number(element, "height");
  common.frame_rate = parse_frame_rate(element.attribute("frameRate").value_or(""));
  common.sar = text_of(element, "sar");
  common.audio_sampling_rate = text_of(element, "audioSamplingRate");
  common.scan_type = text_of(element, "scanType");
  common.segment_profiles = text_of(element, "segmentProfiles");
  common.start_with_sap = lenient_number(element, "startWithSAP");
  for (auto child = element.first(); child; child = child.next()) {
    const auto name = child.name();
    if (name == "AudioChannelConfiguration") {
      common.audio_channel_configurations.push_back(read_descriptor(child));
    } else if (name == "EssentialProperty") {
      common.essential_properties.push_back(read_descriptor(child));
    } else if (name == "SupplementalProperty") {
      common.supplemental_properties.push_back(read_descriptor(child));
    } else if (name == "InbandEventStream") {
      common.inband_event_streams.push_back(read_descriptor(child));
    } else if (name == "ContentProtection") {
      common.content_protections.push_back(read_protection(child));
    } else if (name == "Label") {
      common.labels.push_back({text_of(child, "id"), text_of(child, "lang"), child.text()});
    }
  }
  return common;
}

AdaptationSet read_adaptation_set(MpdReader& reader, const xml::Element& element,
                                  const BaseUrls& base_urls,
                                  const std::shared_ptr<const SegmentInfo>& segments) {
  AdaptationSet set;
  set.id = text_of(element, "id");
  set.content_type = text_of(element, "contentType");
  set.lang = text_of(element, "lang");
  set.group = text_of(element, "group");
  set.par = text_of(element, "par");
  set.max_height = lenient_number(element, "maxHeight");
  set.selection_priority = lenient_number(element, "selectionPriority");
  set.common = read_common(element);
  if (!set.common.frame_rate) {
    set.common.frame_rate = parse_frame_rate(element.attribute("maxFrameRate").value_or(""));
  }
  set.xlink = read_xlink(element).xlink;
  const auto bases = read_base_urls(reader, element, base_urls);
  const auto info = read_segment_info(reader, element, segments);
  for (auto child = element.first(); child && !reader.failed(); child = child.next()) {
    const auto name = child.name();
    if (name == "Representation") {
      set.representations.push_back(read_representation(reader, child, bases, info));
    } else if (name == "Role") {
      set.roles.push_back(read_descriptor(child));
    } else if (name == "Accessibility") {
      set.accessibilities.push_back(read_descriptor(child));
    } else if (name == "Viewpoint") {
      set.viewpoints.push_back(read_descriptor(child));
    } else if (name == "Rating") {
      set.ratings.push_back(read_descriptor(child));
    }
  }
  return set;
}

CommonAttributes effective(const AdaptationSet& set, const Representation& representation) {
  CommonAttributes common = representation.common;
  const CommonAttributes& inherited = set.common;
  complete(common.profiles, inherited.profiles);
  complete(common.mime_type, inherited.mime_type);
  complete(common.codecs, inherited.codecs);
  complete(common.width, inherited.width);
  complete(common.height, inherited.height);
  complete(common.frame_rate, inherited.frame_rate);
  complete(common.sar, inherited.sar);
  complete(common.audio_sampling_rate, inherited.audio_sampling_rate);
  complete(common.scan_type, inherited.scan_type);
  complete(common.segment_profiles, inherited.segment_profiles);
  complete(common.start_with_sap, inherited.start_with_sap);
  append(common.audio_channel_configurations, inherited.audio_channel_configurations);
  append(common.essential_properties, inherited.essential_properties);
  append(common.supplemental_properties, inherited.supplemental_properties);
  append(common.inband_event_streams, inherited.inband_event_streams);
  append(common.content_protections, inherited.content_protections);
  append(common.labels, inherited.labels);
  return common;
}

}  // namespace sluice::dash
