#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/core/error.hpp"
#include "sluice/core/url.hpp"
#include "sluice/dash/segment_info.hpp"
#include "sluice/dash/time.hpp"

namespace sluice::dash {

/// DescriptorType: Role, Accessibility, EssentialProperty and the like.
struct Descriptor {
  std::string scheme_id_uri;
  std::string value;
  std::string id;
};

/// Text for people.
struct Label {
  std::string id;
  std::string lang;
  std::string text;
};

/// How a set is encrypted, or what one key system wants to know.
struct ContentProtection {
  std::string scheme_id_uri;  ///< lower case
  std::string value;          ///< "cenc", "cbcs", "MSPR 2.0"
  /// @cenc:default_KID in 32 lower-case hexadecimal digits; several may be given. One that is no
  /// UUID is left out.
  std::vector<std::string> default_kids;
  std::string pssh;         ///< cenc:pssh, in base64
  std::string pro;          ///< mspr:pro, in base64
  std::string licence_url;  ///< Laurl of clearkey: or dashif:, or ms:laurl
};

/// An xlink:href: content that is somewhere else. The element's own content stands for it until
/// then.
struct Xlink {
  std::string href;      ///< as written
  bool on_load = false;  ///< @xlink:actuate is onLoad
};

/// One of the places that hold the same resources, resolved.
struct BaseUrl {
  Url url;
  std::string service_location;
  Duration availability_time_offset{0};  ///< the sum of all levels
  std::optional<bool> availability_time_complete;
  std::optional<ByteRange> byte_range;
};
/// In order of preference, never empty.
using BaseUrls = std::shared_ptr<const std::vector<BaseUrl>>;

/// A number that is written as one or as a ratio.
struct FrameRate {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;  ///< never 0
  friend bool operator==(const FrameRate&, const FrameRate&) = default;
};

/// RepresentationBaseType: what AdaptationSet, Representation and SubRepresentation all may say.
/// Empty where it is not written.
struct CommonAttributes {
  std::string profiles;
  std::string mime_type;
  std::string codecs;
  std::optional<std::uint32_t> width;   ///< in pixels
  std::optional<std::uint32_t> height;  ///< in pixels
  std::optional<FrameRate> frame_rate;
  std::string sar;
  std::string audio_sampling_rate;  ///< "48000", or two numbers
  std::string scan_type;
  std::string segment_profiles;
  std::optional<std::uint32_t> start_with_sap;
  std::vector<Descriptor> audio_channel_configurations;
  std::vector<Descriptor> essential_properties;
  std::vector<Descriptor> supplemental_properties;
  std::vector<Descriptor> inband_event_streams;
  std::vector<ContentProtection> content_protections;
  std::vector<Label> labels;
};

/// A part of the tracks of a Representation.
struct SubRepresentation {
  CommonAttributes common;
  std::optional<std::uint32_t> level;
  std::optional<std::uint64_t> bandwidth;
  std::string content_component;
};

struct Representation {
  std::string id;
  std::uint64_t bandwidth = 0;  ///< bits per second; 0: not given
  CommonAttributes common;      ///< its own; effective() adds the set's
  std::vector<SubRepresentation> sub_representations;
  BaseUrls base_urls;                           ///< with those of the levels above
  std::shared_ptr<const SegmentInfo> segments;  ///< with those of the levels above; never null
};

struct AdaptationSet {
  std::string id;
  std::string content_type;
  std::string lang;
  std::string group;
  std::string par;
  std::optional<std::uint32_t> max_height;
  std::optional<std::uint32_t> selection_priority;
  CommonAttributes common;
  std::vector<Descriptor> roles;
  std::vector<Descriptor> accessibilities;
  std::vector<Descriptor> viewpoints;
  std::vector<Descriptor> ratings;
  std::optional<Xlink> xlink;
  std::vector<Representation> representations;
};

struct Period {
  std::string id;
  std::optional<Duration> start_attribute;  ///< as written
  std::optional<Duration> duration;         ///< as written
  /// On the presentation's timeline, inferred where it is not written. ISO/IEC 23009-1, 5.3.2.1.
  /// nullopt: an early available Period, not to be played yet.
  std::optional<Duration> start;
  /// Where the next Period, or the presentation, begins or ends. nullopt: not known yet.
  std::optional<Duration> end;
  std::string asset_identifier;  ///< scheme and value, with a blank between; empty: none
  std::size_t event_streams = 0;
  std::optional<Xlink> xlink;
  std::vector<AdaptationSet> adaptation_sets;
};

/// Where to find the next MPD.
struct Location {
  std::string text;  ///< as written; relative to the MPD's URL
  std::string service_location;
  std::optional<Duration> ttl;  ///< of a PatchLocation
};

/// ServiceDescription: how far behind live a client should be.
struct Latency {
  std::optional<std::chrono::milliseconds> target;
  std::optional<std::chrono::milliseconds> min;
  std::optional<std::chrono::milliseconds> max;
};

/// A media presentation description. Owns all it holds.
struct Mpd {
  bool dynamic = false;
  std::string id;
  std::string profiles;
  std::optional<Time> availability_start_time;
  std::optional<Time> availability_end_time;
  std::optional<Time> publish_time;
  std::optional<Duration> media_presentation_duration;
  std::optional<Duration> minimum_update_period;
  std::optional<Duration> min_buffer_time;
  std::optional<Duration> time_shift_buffer_depth;
  std::optional<Duration> suggested_presentation_delay;
  std::optional<Duration> max_segment_duration;
  std::vector<Location> locations;
  std::vector<Location> patch_locations;
  std::vector<Descriptor> utc_timings;  ///< in order of preference
  std::vector<Descriptor> essential_properties;
  std::vector<Descriptor> supplemental_properties;
  std::optional<Latency> latency;
  std::vector<Period> periods;
};

/// What parse_mpd() accepts, beside the limits of xml::Document.
inline constexpr std::size_t kMaxPeriods = 10'000;
inline constexpr std::size_t kMaxRepresentations = 50'000;     ///< of all Periods
inline constexpr std::size_t kMaxTimelineEntries = 1'000'000;  ///< of all timelines
inline constexpr std::size_t kMaxBaseUrls =
    16;  ///< alternatives of a Representation; more are left out
/// What URLs and templates that many Representations inherit may come to, in bytes.
inline constexpr std::size_t kMaxInheritedBytes = 64 * 1024 * 1024;

/// Reads an MPD that came from `url` (after redirects). Names count without their prefixes;
/// elements and attributes that are not known are passed over, and so are values of such that only
/// inform. Elements whose xlink resolves to zero are left out. bad_manifest (origin upstream),
/// naming element and line: not XML or not an MPD, over a limit, a number or time that segments
/// depend on is malformed, no base URL of a level is http(s).
[[nodiscard]] Result<Mpd> parse_mpd(std::string_view text, const Url& url);

/// What a Representation says, completed by what its set says: single values where its own are
/// missing, lists one after the other.
[[nodiscard]] CommonAttributes effective(const AdaptationSet& set,
                                         const Representation& representation);

}  // namespace sluice::dash
