#include "sluice/http/range.hpp"

#include "sluice/core/text.hpp"

namespace sluice::http {
namespace {

bool is_range_part(std::string_view part) noexcept {
  part = trim(part);
  const auto dash = part.find('-');
  if (dash == std::string_view::npos) return false;
  const auto first = part.substr(0, dash);
  const auto last = part.substr(dash + 1);
  const auto from = parse_u64(first);
  const auto to = parse_u64(last);
  if (first.empty()) return to.has_value();
  if (last.empty()) return from.has_value();
  return from && to && *from <= *to;
}

}  // namespace

bool is_byte_range(std::string_view range) noexcept {
  range = trim(range);
  if (!istarts_with(range, "bytes=")) return false;
  range.remove_prefix(6);
  for (;;) {
    const auto comma = range.find(',');
    if (!is_range_part(range.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    range.remove_prefix(comma + 1);
  }
}

std::optional<ContentRange> parse_content_range(std::string_view value) noexcept {
  value = trim(value);
  if (!istarts_with(value, "bytes ")) return std::nullopt;
  value = trim(value.substr(6));
  const auto dash = value.find('-');
  const auto slash = value.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) {
    return std::nullopt;
  }
  const auto first = parse_u64(value.substr(0, dash));
  const auto last = parse_u64(value.substr(dash + 1, slash - dash - 1));
  const auto total = parse_u64(value.substr(slash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  if (!total && value.substr(slash + 1) != "*") return std::nullopt;
  if (total && *last >= *total) return std::nullopt;
  return ContentRange{*first, *last, total};
}

}  // namespace sluice::http
