#include "sluice/hls/variants.hpp"

#include <vector>

#include "sluice/core/text.hpp"
#include "sluice/hls/attribute_list.hpp"
#include "sluice/hls/lines.hpp"
#include "sluice/hls/tag.hpp"

namespace sluice::hls {
namespace {

constexpr std::string_view kStreamInf = "EXT-X-STREAM-INF";

struct Variant {
  std::uint32_t height = 0;  ///< 0: unknown
  std::uint64_t bandwidth = 0;
};

std::optional<std::uint32_t> parse_u32(std::string_view text) {
  const auto number = parse_u64(text);
  if (!number || *number > 0xffffffff) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

Variant read_variant(std::string_view attributes) {
  Variant variant;
  if (const auto resolution = find_attribute(attributes, "RESOLUTION")) {
    const auto by = resolution->value.find_first_of("xX");
    if (by != resolution->value.npos) {
      variant.height = parse_u32(trim(resolution->value.substr(by + 1))).value_or(0);
    }
  }
  if (const auto bandwidth = find_attribute(attributes, "BANDWIDTH")) {
    variant.bandwidth = parse_u64(bandwidth->value).value_or(0);
  }
  return variant;
}

std::vector<Variant> read_variants(std::string_view playlist) {
  std::vector<Variant> variants;
  LineReader reader(skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    const auto tag = parse_tag(line->text);
    if (tag && tag->name == kStreamInf) variants.push_back(read_variant(tag->value));
  }
  return variants;
}

/// True when `a` is to be preferred to `b`; both have a height.
bool is_better(const Variant& a, const Variant& b, const VariantChoice& choice) {
  if (a.height == b.height) return a.bandwidth > b.bandwidth;
  if (!choice.height) return a.height > b.height;
  const bool a_fits = a.height <= *choice.height;
  const bool b_fits = b.height <= *choice.height;
  if (a_fits != b_fits) return a_fits;
  return a_fits ? a.height > b.height : a.height < b.height;
}

/// The place of the chosen one; 0 when none tells its height.
std::size_t choose(const std::vector<Variant>& variants, const VariantChoice& choice) {
  std::size_t best = variants.size();
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (variants[i].height == 0) continue;
    if (best == variants.size() || is_better(variants[i], variants[best], choice)) best = i;
  }
  return best == variants.size() ? 0 : best;
}

}  // namespace

Result<std::uint32_t> parse_height(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && (text.back() == 'p' || text.back() == 'P')) {
    const auto height = parse_u32(text.substr(0, text.size() - 1));
    if (height && *height > 0) return *height;
  }
  return client_error(Errc::bad_request,
                      "parameter resolution is not a number of lines as in 720p");
}

std::string keep_variant(std::string_view playlist, const VariantChoice& choice) {
  const auto variants = read_variants(playlist);
  if (!choice.given() || variants.size() < 2) return std::string(playlist);
  const auto chosen = choose(variants, choice);

  std::string out;
  out.reserve(playlist.size());
  const auto text = skip_byte_order_mark(playlist);
  out += playlist.substr(0, playlist.size() - text.size());
  std::size_t number = 0;
  bool dropping = false;  // up to the URI line, and with it
  LineReader reader(text);
  while (const auto line = reader.next()) {
    const auto tag = parse_tag(line->text);
    if (tag && tag->name == kStreamInf) dropping = number++ != chosen;
    const bool is_uri = is_uri_line(line->text);
    if (!dropping || !(is_uri || (tag && tag->name == kStreamInf))) {
      out.append(line->text).append(line->ending);
    }
    if (is_uri) dropping = false;
  }
  return out;
}

}  // namespace sluice::hls
