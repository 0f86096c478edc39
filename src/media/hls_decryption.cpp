#include "hls_decryption.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sluice/core/text.hpp"
#include "sluice/core/url.hpp"
#include "sluice/hls/attribute_list.hpp"

namespace sluice::media {
namespace {

constexpr std::array<std::string_view, 3> kMethods = {"AES-128", "AES-256", "AES-256-CTR"};
/// Segments that are clear but for what is inside the samples.
constexpr std::array<std::string_view, 2> kSampleMethods = {"SAMPLE-AES", "SAMPLE-AES-CTR"};
/// Keys of the same segments stand next to each other.
constexpr int kMostKeysTogether = 32;
constexpr std::array<std::string_view, 3> kRangeAttributes = {"BYTERANGE", "BYTERANGE-START",
                                                              "BYTERANGE-LENGTH"};

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// It has an address to fetch it from.
bool is_usable_key(std::string_view attributes) {
  const auto method = hls::attribute_value(attributes, "METHOD");
  const auto uri = trim(hls::attribute_value(attributes, "URI"));
  return hls::is_plain_key(attributes) &&
         (is_one_of(method, kMethods) || is_one_of(method, kSampleMethods)) && !uri.empty() &&
         !has_foreign_scheme(uri);
}

struct UsableKeys {
  bool any = false;
  bool of_samples = false;
};

/// I-frame playlists name ranges inside encrypted segments, which cannot be decrypted on their own.
UsableKeys find_usable_keys(std::string_view playlist) {
  UsableKeys found;
  hls::LineReader reader(hls::skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    const auto tag = hls::parse_tag(line->text);
    if (!tag) continue;
    if (tag->name == "EXT-X-I-FRAMES-ONLY") return {};
    const bool is_key = tag->name == "EXT-X-KEY" || tag->name == "EXT-X-SESSION-KEY";
    if (!is_key || !is_usable_key(tag->value)) continue;
    found.any = true;
    found.of_samples =
        found.of_samples || is_one_of(hls::attribute_value(tag->value, "METHOD"), kSampleMethods);
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
    : playlist_(playlist), variables_(variables), resolver_(resolver) {
  const auto keys = find_usable_keys(playlist);
  in_use_ = keys.any;
  of_samples_ = keys.of_samples;
}

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
  if (tag.name == "EXT-X-KEY") return take_key(line, tag.value);
  return std::nullopt;
}

std::optional<std::string_view> HlsDecryption::take_key(const hls::Line& line,
                                                        std::string_view attributes) {
  constexpr std::string_view kNothing;
  const bool none = hls::attribute_value(attributes, "METHOD") == "NONE";
  const bool plain = hls::is_plain_key(attributes);
  // A DRM system's key of segments that are clear now.
  if (!none && !plain && (key_ || keys_behind(line.text) == Keys::usable)) return kNothing;
  if (none || plain) use_key(attributes);
  if (!none && !key_) {
    shown_ = true;
    return std::nullopt;
  }
  if (!std::exchange(shown_, false)) return kNothing;
  return "#EXT-X-KEY:METHOD=NONE";
}

/// Which keys follow for the same segments. `here` lies in the playlist.
HlsDecryption::Keys HlsDecryption::keys_behind(std::string_view here) const {
  const auto end = static_cast<std::size_t>(here.data() - playlist_.data()) + here.size();
  hls::LineReader reader(playlist_.substr(end));
  auto found = Keys::none;
  for (int i = 0; i < kMostKeysTogether; ++i) {
    const auto next = reader.next();
    if (!next || hls::is_uri_line(next->text)) break;
    const auto tag = hls::parse_tag(next->text);
    if (!tag || tag->name != "EXT-X-KEY") continue;
    if (is_usable_key(tag->value)) return Keys::usable;
    if (hls::attribute_value(tag->value, "METHOD") != "NONE") found = Keys::others;
  }
  return found;
}

void HlsDecryption::use_key(std::string_view attributes) {
  key_.reset();
  if (!is_usable_key(attributes)) return;
  auto url = resolve(hls::attribute_value(attributes, "URI"));
  if (!url) return;
  const auto method = hls::attribute_value(attributes, "METHOD");
  key_ = Key{std::string(method), *std::move(url),
             std::string(trim(hls::attribute_value(attributes, "IV"))),
             is_one_of(method, kSampleMethods)};
}

std::optional<std::string> HlsDecryption::resolve(std::string_view uri) {
  const auto text = variables_.substitute(trim(uri));
  const auto url = text ? resolver_.resolve(*text) : std::nullopt;
  if (!url) return std::nullopt;
  return std::string(*url);
}

/// Of the segment whose tags are being read.
std::string HlsDecryption::iv() const {
  return key_->iv.empty() ? hls::implicit_iv(numbers_.next()) : key_->iv;
}

/// With the key in effect.
const SegmentDecryption* HlsDecryption::use(std::string byte_range) {
  current_ = {key_->method, key_->url, iv(), std::move(byte_range), {}, {}};
  if (key_->of_samples && map_) {
    current_.map_url = map_->url;
    current_.map_range = map_->range;
  }
  return &current_;
}

const SegmentDecryption* HlsDecryption::segment(std::string_view uri, hls::Line& held) {
  if (!in_use_) return nullptr;
  byte_ranges_.segment(uri);
  held = std::exchange(held_, {});
  const SegmentDecryption* found = nullptr;
  if (key_) {
    held = {};
    const auto& range = byte_ranges_.current();
    found = use(range ? text_of(*range) : std::string());
  }
  numbers_.segment();
  return found;
}

const SegmentDecryption* HlsDecryption::attribute(const hls::Tag& tag, std::string& edited) {
  if (!in_use_) return nullptr;
  if (tag.name == "EXT-X-MAP") return map(tag, edited);
  if (tag.name != "EXT-X-PART" && tag.name != "EXT-X-PRELOAD-HINT") return nullptr;
  const auto uri = hls::attribute_value(tag.value, "URI");
  const auto follows = tag.name == "EXT-X-PART" && uri == part_uri_ ? part_end_ : 0;
  if (tag.name == "EXT-X-PART") {
    const auto range = hls::parse_byte_range(hls::attribute_value(tag.value, "BYTERANGE"), follows);
    part_uri_ = uri;
    part_end_ = range ? range->offset + range->length : 0;
  }
  if (!key_) return nullptr;
  auto range = range_of(tag.value, follows);
  if (!range.empty()) edited = without_range(tag);
  return use(std::move(range));
}

const SegmentDecryption* HlsDecryption::map(const hls::Tag& tag, std::string& edited) {
  map_.reset();
  if (tag.value.empty()) return nullptr;
  auto range = range_of(tag.value, 0);
  if (auto url = resolve(hls::attribute_value(tag.value, "URI"))) {
    map_ = Map{*std::move(url), range};
  }
  // The number of no segment belongs to a map; without a vector of its own it has to be clear.
  const bool is_encrypted = key_ && !key_->of_samples && !key_->iv.empty();
  // It says which samples are encrypted, whether its key stands before or behind it. What a player
  // decrypts itself has to stay.
  const auto behind = keys_behind(tag.value);
  const bool is_shown = !key_ && (behind == Keys::others || (behind == Keys::none && shown_));
  const bool tells_of_samples = of_samples_ && !is_shown && !(key_ && !key_->of_samples);
  if (!is_encrypted && !tells_of_samples) return nullptr;
  if (!range.empty()) edited = without_range(tag);
  if (is_encrypted) return use(std::move(range));
  current_ = {kSampleMethods[0], {}, {}, std::move(range), {}, {}};
  return &current_;
}

}  // namespace sluice::media
