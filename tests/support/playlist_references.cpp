#include "support/playlist_references.hpp"

#include <algorithm>

namespace sluice::test {
namespace {

struct Row {
  std::string_view tag, attribute;
  Endpoint endpoint;
  bool in_master = false;
};

constexpr Row kRows[] = {
    {"EXT-X-MEDIA", "URI", Endpoint::playlist, true},
    {"EXT-X-I-FRAME-STREAM-INF", "URI", Endpoint::playlist, true},
    {"EXT-X-IMAGE-STREAM-INF", "URI", Endpoint::playlist, true},
    {"EXT-X-SESSION-DATA", "URI", Endpoint::segment, true},
    {"EXT-X-SESSION-KEY", "URI", Endpoint::segment, true},
    {"EXT-X-CONTENT-STEERING", "SERVER-URI", Endpoint::steering, true},
    {"EXT-X-KEY", "URI", Endpoint::segment},
    {"EXT-X-MAP", "URI", Endpoint::map},
    {"EXT-X-PART", "URI", Endpoint::segment},
    {"EXT-X-RENDITION-REPORT", "URI", Endpoint::playlist},
    {"EXT-X-DATERANGE", "X-ASSET-URI", Endpoint::playlist},
    {"EXT-X-DATERANGE", "X-ASSET-LIST", Endpoint::assets},
};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Part [start, end) of a line.
struct Range {
  std::size_t start = 0, end = 0;

  [[nodiscard]] std::string_view of(std::string_view line) const {
    return line.substr(start, end - start);
  }
  [[nodiscard]] Range trimmed(std::string_view line) const {
    Range range = *this;
    while (range.start < range.end && is_blank(line[range.start])) ++range.start;
    while (range.start < range.end && is_blank(line[range.end - 1])) --range.end;
    return range;
  }
};

struct TagRange {
  Range name, value;
};

struct AttributeRange {
  Range name, value;
  std::size_t end = 0;  ///< behind the closing quote
};

/// The line without its ending.
Range content_of(std::string_view line) {
  Range range{0, line.size()};
  if (range.end > range.start && line[range.end - 1] == '\n') {
    --range.end;
    while (range.end > range.start && line[range.end - 1] == '\r') --range.end;
  }
  return range;
}

std::optional<TagRange> find_tag(std::string_view line) {
  const Range content = content_of(line);
  const std::size_t start = content.trimmed(line).start;
  if (line.substr(start, 4) != "#EXT") return std::nullopt;
  std::size_t at = start;
  while (at < content.end && line[at] != ':' && line[at] != ' ' && line[at] != '\t') ++at;
  TagRange tag{{start + 1, at}, {content.end, content.end}};
  while (at < content.end && (line[at] == ' ' || line[at] == '\t')) ++at;
  if (at < content.end && line[at] == ':') tag.value.start = at + 1;
  return tag;
}

/// NAME=value and NAME="value", separated by commas; everything else between commas says nothing.
std::vector<AttributeRange> find_attributes(std::string_view line, Range list) {
  std::vector<AttributeRange> found;
  std::size_t at = list.start;
  while (at < list.end) {
    std::size_t equals = at;
    while (equals < list.end && line[equals] != '=' && line[equals] != ',') ++equals;
    if (equals == list.end || line[equals] == ',') {
      at = equals + 1;
      continue;
    }
    AttributeRange attribute;
    attribute.name = Range{at, equals}.trimmed(line);
    at = equals + 1;
    while (at < list.end && (line[at] == ' ' || line[at] == '\t')) ++at;
    const bool quoted = at < list.end && line[at] == '"';
    if (quoted) ++at;
    const std::size_t start = at;
    while (at < list.end && line[at] != (quoted ? '"' : ',')) ++at;
    const bool closed = quoted && at < list.end;
    attribute.value = closed ? Range{start, at} : Range{start, at}.trimmed(line);
    attribute.end = closed ? at + 1 : attribute.value.end;
    while (at < list.end && line[at] != ',') ++at;
    ++at;
    found.push_back(attribute);
  }
  return found;
}

bool has_value(std::string_view line, const std::vector<AttributeRange>& attributes,
               std::string_view name, std::string_view value) {
  return std::any_of(attributes.begin(), attributes.end(), [&](const AttributeRange& attribute) {
    return attribute.name.of(line) == name && attribute.value.of(line) == value;
  });
}

/// RFC 8216, 4.3.2.4: a key that is fetched from its URI and is the key.
bool is_fetched_key(std::string_view line, const std::vector<AttributeRange>& attributes) {
  if (has_value(line, attributes, "METHOD", "NONE")) return false;
  return std::all_of(attributes.begin(), attributes.end(), [&](const AttributeRange& attribute) {
    if (attribute.name.of(line) != "KEYFORMAT") return true;
    return attribute.value.of(line).empty() || attribute.value.of(line) == "identity";
  });
}

/// RFC 8216bis, 4.4.5.3: the first TYPE counts.
std::optional<Row> hint_row(std::string_view line, const std::vector<AttributeRange>& attributes) {
  for (const AttributeRange& attribute : attributes) {
    if (attribute.name.of(line) != "TYPE") continue;
    const std::string_view type = attribute.value.of(line);
    if (type == "PART") return Row{"EXT-X-PRELOAD-HINT", "URI", Endpoint::segment};
    if (type == "MAP") return Row{"EXT-X-PRELOAD-HINT", "URI", Endpoint::map};
    return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Row> rows_of(std::string_view line, std::string_view tag,
                         const std::vector<AttributeRange>& attributes) {
  std::vector<Row> rows;
  for (const Row& row : kRows) {
    if (row.tag == tag) rows.push_back(row);
  }
  if (tag == "EXT-X-PRELOAD-HINT") {
    if (const auto row = hint_row(line, attributes)) rows.push_back(*row);
  }
  return rows;
}

std::vector<Place> attribute_places(std::string_view line, const TagRange& tag) {
  const std::string_view name = tag.name.of(line);
  const auto attributes = find_attributes(line, tag.value);
  const auto rows = rows_of(line, name, attributes);
  const bool is_key = name == "EXT-X-KEY" || name == "EXT-X-SESSION-KEY";
  const bool fetched = !is_key || is_fetched_key(line, attributes);
  std::vector<Place> places;
  for (const AttributeRange& attribute : attributes) {
    for (const Row& row : rows) {
      if (row.attribute != attribute.name.of(line)) continue;
      const Range value = attribute.value.trimmed(line);
      places.push_back(
          {value.start, value.end - value.start, row.endpoint, row.in_master, fetched});
    }
  }
  return places;
}

std::vector<Place> tag_places(std::string_view line, const TagRange& tag) {
  const std::string_view name = tag.name.of(line);
  if (name == "EXT-X-PREFETCH" || name == "EXT-X-TWITCH-PREFETCH") {
    const Range value = tag.value.trimmed(line);
    return {{value.start, value.end - value.start, Endpoint::segment, false, true}};
  }
  return attribute_places(line, tag);
}

bool is_name_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::vector<Place> find_places(std::string_view line, std::optional<Endpoint>& announced) {
  if (const auto tag = find_tag(line)) {
    const std::string_view name = tag->name.of(line);
    if (name == "EXT-X-STREAM-INF") announced = Endpoint::playlist;
    if (name == "EXTINF") announced = Endpoint::by_url_among_segments;
    return tag_places(line, *tag);
  }
  const Range text = content_of(line).trimmed(line);
  if (text.start == text.end || line[text.start] == '#') return {};
  const Endpoint endpoint = announced.value_or(Endpoint::by_url);
  announced.reset();
  return {{text.start, text.end - text.start, endpoint, endpoint == Endpoint::playlist, true}};
}

std::optional<Definition> find_definition(std::string_view line) {
  const auto tag = find_tag(line);
  if (!tag || tag->name.of(line) != "EXT-X-DEFINE") return std::nullopt;
  const auto attributes = find_attributes(line, tag->value);
  // Of attributes that may not stand twice, or not together, the first counts, and NAME before all.
  const auto first = [&](std::string_view name) {
    return std::find_if(attributes.begin(), attributes.end(),
                        [&](const AttributeRange& one) { return one.name.of(line) == name; });
  };
  Definition definition;
  auto found = first("NAME");
  if (found == attributes.end()) {
    definition.kind = Definition::Kind::import;
    found = first("IMPORT");
  }
  if (found == attributes.end()) {
    definition.kind = Definition::Kind::query_parameter;
    found = first("QUERYPARAM");
  }
  if (found == attributes.end()) return std::nullopt;
  definition.name = found->value.of(line);
  definition.start = found->name.start;
  definition.size = found->end - found->name.start;
  const auto given = first("VALUE");
  const bool named = std::all_of(definition.name.begin(), definition.name.end(), is_name_char);
  if (definition.name.empty() || !named) return std::nullopt;
  if (definition.kind == Definition::Kind::value && given == attributes.end()) {
    return std::nullopt;
  }
  if (given != attributes.end()) definition.value = given->value.of(line);
  return definition;
}

std::optional<std::string> substitute(std::string_view text,
                                      const std::map<std::string, std::string>& variables) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    if (text.substr(at, 2) == "{$") {
      end += 2;
      while (end < text.size() && is_name_char(text[end])) ++end;
    }
    if (end < at + 3 || end == text.size() || text[end] != '}') {
      out += text[at++];
      continue;
    }
    const auto variable = variables.find(std::string(text.substr(at + 2, end - at - 2)));
    if (variable == variables.end()) return std::nullopt;
    out += variable->second;
    at = end + 1;
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto feed = text.find('\n');
    const auto size = feed == std::string_view::npos ? text.size() : feed + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

}  // namespace sluice::test
