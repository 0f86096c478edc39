#include "sluice/dash/template.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/core/text.hpp"

namespace sluice::dash {
namespace {

constexpr auto npos = std::string_view::npos;

/// The N of "0Nd"; nullopt when the text is anything else.
std::optional<unsigned> parse_width(std::string_view format) noexcept {
  if (!format.starts_with('0') || !format.ends_with('d')) return std::nullopt;
  const auto width = parse_u64(format.substr(1, format.size() - 2));
  if (!width || *width == 0 || *width > UrlTemplate::kMaxWidth) return std::nullopt;
  return static_cast<unsigned>(*width);
}

}  // namespace

std::optional<UrlTemplate::Part> UrlTemplate::parse_identifier(std::string_view name) {
  constexpr std::pair<std::string_view, Kind> kNames[] = {
      {"RepresentationID", Kind::representation_id},
      {"Number", Kind::number},
      {"Time", Kind::time},
      {"Bandwidth", Kind::bandwidth},
      {"SubNumber", Kind::sub_number},
  };
  const auto percent = name.find('%');
  const auto found = std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& known) {
    return known.first == name.substr(0, percent);
  });
  if (found == std::end(kNames)) return std::nullopt;
  Part part{found->second, 1, fmt::format("${}$", name)};
  if (percent == npos) return part;
  const auto width = parse_width(name.substr(percent + 1));
  if (!width || part.kind == Kind::representation_id) return std::nullopt;
  part.width = *width;
  return part;
}

void UrlTemplate::add_text(std::string_view text) {
  if (text.empty()) return;
  if (parts_.empty() || parts_.back().kind != Kind::text) parts_.push_back({Kind::text, 0, {}});
  parts_.back().text += text;
}

Result<UrlTemplate> UrlTemplate::parse(std::string_view text) {
  UrlTemplate parsed;
  while (!text.empty()) {
    const auto open = text.find('$');
    parsed.add_text(text.substr(0, open));
    if (open == npos) break;
    const auto close = text.find('$', open + 1);
    if (close == npos) {
      return upstream_error(Errc::bad_manifest, "URL template: a $ without its partner");
    }
    const auto name = text.substr(open + 1, close - open - 1);
    if (name.empty()) {
      parsed.add_text("$");
    } else if (auto part = parse_identifier(name)) {
      parsed.parts_.push_back(*std::move(part));
    } else {
      parsed.add_text(text.substr(open, close - open + 1));
    }
    text.remove_prefix(close + 1);
  }
  return parsed;
}

std::optional<std::uint64_t> UrlTemplate::value_of(Kind kind,
                                                   const TemplateValues& values) noexcept {
  switch (kind) {
    case Kind::number: return values.number;
    case Kind::time: return values.time;
    case Kind::bandwidth: return values.bandwidth;
    case Kind::sub_number: return values.sub_number;
    case Kind::text:
    case Kind::representation_id: break;
  }
  return std::nullopt;
}

std::string UrlTemplate::expand(const TemplateValues& values) const {
  std::string out;
  for (const Part& part : parts_) {
    if (part.kind == Kind::representation_id) {
      out += values.representation_id;
    } else if (const auto value = value_of(part.kind, values)) {
      const fmt::format_int digits(*value);
      if (digits.size() < part.width) out.append(part.width - digits.size(), '0');
      out.append(digits.data(), digits.size());
    } else {
      out += part.text;
    }
  }
  return out;
}

}  // namespace sluice::dash
