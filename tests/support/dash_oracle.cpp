#include "support/dash_oracle.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "support/reference_url.hpp"

namespace sluice::test {
namespace {

using Integer = boost::multiprecision::cpp_int;
using Rational = boost::multiprecision::cpp_rational;
using Node = pugi::xml_node;

const std::size_t kMostSegments = 300'000;

std::string local(const Node& node) {
  const std::string name = node.name();
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

std::vector<Node> children(const Node& node, const std::string& name) {
  std::vector<Node> found;
  for (const Node child : node.children()) {
    const std::string href = child.attribute("xlink:href").value();
    if (local(child) == name && href != "urn:mpeg:dash:resolve-to-zero:2013")
      found.push_back(child);
  }
  return found;
}

std::optional<std::string> attribute(const Node& node, const std::string& name) {
  const auto found = node.attribute(name.c_str());
  return found ? std::optional<std::string>(found.value()) : std::nullopt;
}

std::string to_text(const Rational& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

/// "12.345" in seconds.
Rational decimal(const std::string& text) {
  const auto point = text.find('.');
  Rational value = Integer(text.substr(0, point));
  Rational unit(1, 10);
  for (std::size_t i = point; point != text.npos && ++i < text.size(); unit /= 10) {
    value += unit * (text[i] - '0');
  }
  return value;
}

std::optional<Rational> duration(const Node& node, const char* name) {
  const auto text = attribute(node, name);
  if (!text) return std::nullopt;
  const std::regex form(R"(P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?)");
  std::smatch match;
  if (!std::regex_match(*text, match, form)) throw std::runtime_error("duration " + *text);
  const int factors[] = {0, 86'400, 3'600, 60, 1};
  Rational total = 0;
  for (std::size_t i = 1; i < 5; ++i) {
    if (match[i].matched) total += decimal(match[i]) * factors[i];
  }
  return total;
}

/// Only what the corpus has: whole seconds, in UTC.
std::optional<Rational> date(const Node& node, const char* name) {
  const auto text = attribute(node, name);
  if (!text) return std::nullopt;
  std::tm parts{};
  std::istringstream in(*text);
  char dash = 0;
  char t = 0;
  in >> parts.tm_year >> dash >> parts.tm_mon >> dash >> parts.tm_mday >> t >> parts.tm_hour >> t >>
      parts.tm_min >> t >> parts.tm_sec >> t;
  if (!in || t != 'Z') throw std::runtime_error("date " + *text);
  parts.tm_year -= 1'900;
  parts.tm_mon = std::abs(parts.tm_mon) - 1;
  parts.tm_mday = std::abs(parts.tm_mday);
  return Rational(Integer(timegm(&parts)));
}

Integer ceiling(const Rational& value) {
  const Integer floor = numerator(value) / denominator(value);
  return floor * denominator(value) == numerator(value) || value < 0 ? floor : floor + 1;
}

/// What stands in one place of the MPD: itself, and the elements around it, innermost last.
struct Place {
  std::vector<Node> levels;  ///< MPD, Period, AdaptationSet, Representation
  std::string kind;          ///< "SegmentTemplate", "SegmentList", "SegmentBase" or empty

  std::optional<std::string> value(const std::string& name) const {
    std::optional<std::string> innermost;
    for (const Node& level : levels) {
      for (const Node& element : children(level, kind)) {
        if (const auto own = attribute(element, name)) innermost = own;
      }
    }
    return innermost;
  }
  Integer number(const std::string& name, const char* otherwise) const {
    return Integer(value(name).value_or(otherwise));
  }
  /// The innermost element's children of one name.
  std::vector<Node> parts(const std::string& name) const {
    std::vector<Node> innermost;
    for (const Node& level : levels) {
      for (const Node& element : children(level, kind)) {
        if (!children(element, name).empty()) innermost = children(element, name);
      }
    }
    return innermost;
  }
};

struct Times {
  bool dynamic = false;
  std::optional<Rational> start;         ///< of the Period
  std::optional<Rational> end;           ///< of the Period
  std::optional<Rational> availability;  ///< availabilityStartTime
  std::optional<Rational> depth;         ///< timeShiftBufferDepth
  std::optional<Rational> gone;          ///< availabilityEndTime
  Rational now;
};

struct Candidate {
  Integer start, length, number, sub, sequence_start;
  std::size_t index = 0;
};

class Lister {
 public:
  Lister(Place place, Times times, std::string url)
      : place_(std::move(place)), times_(std::move(times)), url_(std::move(url)) {
    scale_ = place_.number("timescale", "1");
    offset_ = place_.number("presentationTimeOffset", "0");
    early_ = 0;
    for (const Node& level : place_.levels) {
      const auto bases = children(level, "BaseURL");
      if (bases.empty()) continue;
      url_ = resolve_reference(url_, bases[0].child_value()).value();
      add_early(attribute(bases[0], "availabilityTimeOffset"));
    }
    add_early(place_.value("availabilityTimeOffset"));
  }

  std::vector<OracleSegment> list() {
    std::vector<OracleSegment> listed;
    if (!times_.start) return listed;
    if (!place_.parts("SegmentTimeline").empty()) {
      from_timeline();
    } else if (place_.value("duration")) {
      from_duration();
    } else {
      keep({offset_, 0, place_.number("startNumber", "1"), 0, offset_, 0}, true);
    }
    for (const Candidate& candidate : kept_) listed.push_back(describe(candidate));
    return listed;
  }

 private:
  void add_early(const std::optional<std::string>& text) {
    if (!text) return;
    if (*text == "INF") {
      always_ = true;
    } else {
      early_ += decimal(*text);
    }
  }

  /// Seconds on the presentation's timeline.
  Rational at(const Integer& media) const {
    return *times_.start + Rational(media - offset_) / scale_;
  }

  /// Keeps one that is to be listed; false once no later one can be.
  bool keep(Candidate one, bool whole_period = false, bool open_ended = false) {
    if (kept_.size() > kMostSegments) throw std::runtime_error("too many segments");
    if (one.start >= Integer(1) << 64) return false;
    if (times_.end && at(one.start) >= *times_.end) return false;
    if (times_.end) {
      const Integer last = offset_ + ceiling((*times_.end - *times_.start) * scale_);
      if (whole_period || one.start + one.length > last) one.length = last - one.start;
    }
    if (place_.value("endNumber") && one.number > place_.number("endNumber", "0")) return false;
    if (place_.kind == "SegmentList" && one.index >= place_.parts("SegmentURL").size())
      return false;
    if (one.start + one.length <= offset_) return true;
    const bool knows_clock = times_.availability || place_.parts("SegmentTimeline").empty();
    if (times_.dynamic && (knows_clock || open_ended)) {
      const Rational end = times_.availability.value_or(0) + at(one.start + one.length);
      if (open_ended && always_ && end > times_.now) return false;
      if (!always_ && end - early_ > times_.now) return false;
      if (times_.depth && end <= times_.now - *times_.depth) return true;
    }
    if (times_.dynamic && times_.gone && times_.now > *times_.gone) return false;
    kept_.push_back(one);
    return true;
  }

  /// One segment, or the parts of a sequence.
  bool keep_sequence(const Integer& start, const Integer& length, const Integer& number,
                     std::size_t index, const Integer& parts, bool open_ended) {
    for (Integer part = 0; part < parts; ++part) {
      const Integer from = start + part * length / parts;
      const Integer to = start + (part + 1) * length / parts;
      const Integer sub = parts > 1 ? part + 1 : Integer(0);
      if (!keep({from, to - from, number, sub, start, index}, false, open_ended)) return false;
    }
    return true;
  }

  void from_timeline() {
    const auto entries = children(place_.parts("SegmentTimeline")[0], "S");
    Integer start = 0;
    Integer number = place_.number("startNumber", "1");
    std::size_t index = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (const auto t = attribute(entries[i], "t")) start = Integer(*t);
      if (const auto n = attribute(entries[i], "n")) number = Integer(*n);
      const Integer length(attribute(entries[i], "d").value());
      const Integer repeats(attribute(entries[i], "r").value_or("0"));
      const Integer parts(attribute(entries[i], "k").value_or("1"));
      const auto next = i + 1 < entries.size() ? attribute(entries[i + 1], "t") : std::nullopt;
      const bool open_ended = repeats < 0 && !next && !times_.end;
      for (Integer made = 0; repeats < 0 || made <= repeats; ++made) {
        if (repeats < 0 && next && start >= Integer(*next)) break;
        const bool more =
            length == 0 || keep_sequence(start, length, number, index, parts, open_ended);
        if (repeats < 0 && !more) break;
        start += length;
        ++number;
        ++index;
      }
    }
  }

  void from_duration() {
    const Integer length = place_.number("duration", "");
    Integer start = offset_ + place_.number("eptDelta", "0");
    Integer number = place_.number("startNumber", "1");
    for (std::size_t index = 0; keep({start, length, number, 0, start, index}, false, !times_.end);
         ++index) {
      start += length;
      ++number;
    }
  }

  std::string fill_in(std::string text, const Candidate& segment) const {
    std::string filled;
    std::smatch match;
    const std::regex field(
        R"(\$(?:(RepresentationID)|(Number|Time|Bandwidth|SubNumber)(?:%0(\d+)d)?|([^$]*))\$)");
    while (std::regex_search(text, match, field)) {
      filled += match.prefix();
      if (match[1].matched) {
        filled += place_.levels.back().attribute("id").value();
      } else if (match[2].matched) {
        std::map<std::string, std::string> values = {
            {"Number", segment.number.str()},
            {"Time", segment.sequence_start.str()},
            {"Bandwidth", place_.levels.back().attribute("bandwidth").value()},
            {"SubNumber", segment.sub == 0 ? "1" : segment.sub.str()}};
        const std::string digits = values.at(match[2]);
        const std::size_t width = match[3].matched ? std::stoul(match[3]) : 1;
        if (digits.size() < width) filled += std::string(width - digits.size(), '0');
        filled += digits;
      } else {
        filled += match[4].length() == 0 ? "$" : match.str();
      }
      text = match.suffix();
    }
    return filled + text;
  }

  OracleSegment describe(const Candidate& candidate) const {
    OracleSegment segment;
    segment.url = url_;
    if (place_.kind == "SegmentTemplate") {
      const auto media = fill_in(place_.value("media").value(), candidate);
      segment.url = resolve_reference(url_, media).value();
    } else if (place_.kind == "SegmentList") {
      const Node entry = place_.parts("SegmentURL").at(candidate.index);
      segment.url = resolve_reference(url_, attribute(entry, "media").value_or("")).value();
      segment.range = attribute(entry, "mediaRange").value_or("");
    } else if (place_.kind == "SegmentBase") {
      const std::string index = place_.value("indexRange").value();
      segment.range = Integer(Integer(index.substr(index.find('-') + 1)) + 1).str() + "-";
    }
    segment.start = to_text(at(candidate.start));
    Rational end = at(candidate.start + candidate.length);
    if (times_.end && end > *times_.end) end = *times_.end;
    segment.duration = to_text(end - at(candidate.start));
    segment.number = static_cast<std::uint64_t>(candidate.number);
    segment.sub_number = static_cast<std::uint64_t>(candidate.sub);
    return segment;
  }

  Place place_;
  Times times_;
  std::string url_;
  Integer scale_, offset_;
  Rational early_;
  bool always_ = false;
  std::vector<Candidate> kept_;
};

std::string kind_of(const std::vector<Node>& levels) {
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    for (const char* kind : {"SegmentTemplate", "SegmentList", "SegmentBase"}) {
      if (!children(*level, kind).empty()) return kind;
    }
  }
  return {};
}

/// Start and end of every Period.
std::vector<Times> period_times(const Node& mpd, const std::vector<Node>& periods) {
  std::vector<Times> times(periods.size());
  for (std::size_t i = 0; i < periods.size(); ++i) {
    times[i].start = duration(periods[i], "start");
    if (times[i].start) continue;
    if (i == 0) {
      times[i].start = Rational(0);
    } else if (times[i - 1].start && duration(periods[i - 1], "duration")) {
      times[i].start = *times[i - 1].start + *duration(periods[i - 1], "duration");
    }
  }
  for (std::size_t i = 0; i < periods.size(); ++i) {
    if (!times[i].start) continue;
    std::optional<Rational> next = duration(mpd, "mediaPresentationDuration");
    for (std::size_t later = periods.size() - 1; later > i; --later) {
      if (times[later].start) next = times[later].start;
    }
    if (const auto own = duration(periods[i], "duration")) times[i].end = *times[i].start + *own;
    if (next && (!times[i].end || *next < *times[i].end)) times[i].end = next;
  }
  return times;
}

}  // namespace

std::vector<OracleTrack> list_mpd(std::string_view mpd, std::string_view url,
                                  std::chrono::sys_time<std::chrono::nanoseconds> now) {
  pugi::xml_document document;
  if (!document.load_buffer(mpd.data(), mpd.size())) throw std::runtime_error("no XML");
  const Node root = document.document_element();
  const auto periods = children(root, "Period");
  auto times = period_times(root, periods);
  std::vector<OracleTrack> tracks;
  for (std::size_t i = 0; i < periods.size(); ++i) {
    times[i].dynamic = attribute(root, "type") == "dynamic";
    times[i].availability = date(root, "availabilityStartTime");
    times[i].gone = date(root, "availabilityEndTime");
    times[i].depth = duration(root, "timeShiftBufferDepth");
    times[i].now = Rational(Integer(now.time_since_epoch().count()), 1'000'000'000);
    for (const Node& set : children(periods[i], "AdaptationSet")) {
      for (const Node& representation : children(set, "Representation")) {
        const std::vector<Node> levels = {root, periods[i], set, representation};
        Lister lister({levels, kind_of(levels)}, times[i], std::string(url));
        tracks.push_back({i, representation.attribute("id").value(), lister.list()});
      }
    }
  }
  return tracks;
}

}  // namespace sluice::test
