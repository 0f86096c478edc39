#include "hls_decryption.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sluice/core/text.hpp"
#include "sluice/hls/attribute_list.hpp"

namespace sluice::media {
namespace {

constexpr std::array<std::string_view, 3> kMethods = {"AES-128", "AES-256", "AES-256-CTR"};
constexpr std::array<std::string_view, 3> kRangeAttributes = {"BYTERANGE", "BYTERANGE-START",
                                                              "BYTERANGE-LENGTH"};

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_usable_key(std::string_view attributes) {
  return hls::is_plain_key(attributes) &&
         is_one_of(hls::attribute_value(attributes, "METHOD"), kMethods) &&
         !hls::attribute_value(attributes, "URI").empty();
}

/// I-frame playlists name ranges inside encrypted segments, which cannot be decrypted on their own.
bool has_usable_keys(std::string_view playlist) {
  bool found = false;
  hls::LineReader reader(hls::skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    const auto tag = hls::parse_tag(line->text);
    if (!tag) continue;
    if (tag->name == "EXT-X-I-FRAMES-ONLY") return false;
    const bool is_key = tag->name == "EXT-X-KEY" || tag->name == "EXT-X-SESSION-KEY";
    found = found || (is_key && is_usable_key(tag->value));
  }
  return found;
}

std::string text_of(const hls::ByteRange& range) {
  return fmt::format("{}-{}", range.offset, range.offset + range.length - 1);
}

/// The range that the attributes of a tag name, BYTERANGE without offset from `default_offset` on;
/// empty when none.
std::string range_of(std::string_view attributes, std::uint64_t default_offset) {
  if (const auto range =
          hls::parse_byte_range(hls::attribute_value(attributes, "BYTERANGE"), default_offset)) {
    return text_of(*range);
  }
  const auto start = parse_u64(hls::attribute_value(attributes, "BYTERANGE-START"));
  const auto length = parse_u64(hls::attribute_value(attributes, "BYTERANGE-LENGTH"));
  if (length && *length > 0) return text_of({*length, start.value_or(0)});
  return start ? fmt::format("{}-", *start) : std::string();
}

std::string without_range(const hls::Tag& tag) {
  std::string line = "#";
  line.append(tag.name);
  char separator = ':';
  hls::AttributeReader reader(tag.value);
  while (const auto attribute = reader.next()) {
    if (is_one_of(attribute->name, kRangeAttributes)) continue;
    const std::string_view quote = attribute->quoted ? "\"" : "";
    line += fmt::format("{}{}={}{}{}", separator, attribute->name, quote, attribute->value, quote);
    separator = ',';
  }
  return line;
}

}  // namespace

HlsDecryption::HlsDecryption(std::string_view playlist, const hls::Variables& variables,
                             ReferenceResolver& resolver)
    : variables_(variables), resolver_(resolver), in_use_(has_usable_keys(playlist)) {}

std::optional<std::string_view> HlsDecryption::take(const hls::Line& line, const hls::Tag& tag) {
  constexpr std::string_view kNothing;
  if (!in_use_) return std::nullopt;
  numbers_.see(tag);
  byte_ranges_.see(tag);
  if (tag.name == "EXT-X-BYTERANGE") {
    held_ = line;
    return kNothing;
  }
  // A hint to what has no end yet: its decryption could not begin before all is there.
  if (tag.name == "EXT-X-PRELOAD-HINT" && key_ && range_of(tag.value, 0).ends_with('-')) {
    return kNothing;
  }
  if (tag.name == "EXT-X-SESSION-KEY" && is_usable_key(tag.value)) return kNothing;
  if (tag.name == "EXT-X-KEY") return take_key(tag.value);
  return std::nullopt;
}

std::optional<std::string_view> HlsDecryption::take_key(std::string_view attributes) {
  constexpr std::string_view kNothing;
  const auto method = hls::attribute_value(attributes, "METHOD");
  const bool none = method == "NONE";
  const bool plain = hls::is_plain_key(attributes);
  // The same segments for a DRM system; they are clear now.
  if (!none && !plain && is_one_of(method, kMethods)) return kNothing;
  if (none || plain) use_key(attributes);
  if (!none && !key_) {
    shown_ = true;
    return std::nullopt;
  }
  if (!std::exchange(shown_, false)) return kNothing;
  return "#EXT-X-KEY:METHOD=NONE";
}

void HlsDecryption::use_key(std::string_view attributes) {
  key_.reset();
  if (!is_usable_key(attributes)) return;
  const auto uri = variables_.substitute(trim(hls::attribute_value(attributes, "URI")));
  const auto url = uri ? resolver_.resolve(*uri) : std::nullopt;
  if (!url) return;
  key_ = Key{std::string(hls::attribute_value(attributes, "METHOD")), std::string(*url),
             std::string(trim(hls::attribute_value(attributes, "IV")))};
}

const SegmentDecryption* HlsDecryption::use(std::string iv, std::string byte_range) {
  current_ = {key_->method, key_->url, std::move(iv), std::move(byte_range)};
  return &current_;
}

const SegmentDecryption* HlsDecryption::segment(std::string_view uri, hls::Line& held) {
  if (!in_use_) return nullptr;
  byte_ranges_.segment(uri);
  const auto number = numbers_.next();
  numbers_.segment();
  if (!key_) {
    held = std::exchange(held_, {});
    return nullptr;
  }
  held_ = {};
  const auto& range = byte_ranges_.current();
  return use(key_->iv.empty() ? hls::implicit_iv(number) : key_->iv,
             range ? text_of(*range) : std::string());
}

const SegmentDecryption* HlsDecryption::attribute(const hls::Tag& tag, std::string& edited) {
  const bool is_map = tag.name == "EXT-X-MAP";
  const bool is_media = is_map || tag.name == "EXT-X-PART" || tag.name == "EXT-X-PRELOAD-HINT";
  const auto uri = hls::attribute_value(tag.value, "URI");
  const auto follows = tag.name == "EXT-X-PART" && uri == part_uri_ ? part_end_ : 0;
  if (in_use_ && tag.name == "EXT-X-PART") {
    const auto range = hls::parse_byte_range(hls::attribute_value(tag.value, "BYTERANGE"), follows);
    part_uri_ = uri;
    part_end_ = range ? range->offset + range->length : 0;
  }
  // The number of no segment belongs to a map; without a vector of its own it has to be clear.
  if (!in_use_ || !is_media || !key_ || (is_map && key_->iv.empty())) return nullptr;
  auto range = range_of(tag.value, follows);
  if (!range.empty()) edited = without_range(tag);
  return use(key_->iv.empty() ? hls::implicit_iv(numbers_.next()) : key_->iv, std::move(range));
}

}  // namespace sluice::media
